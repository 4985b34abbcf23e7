// What most plugins do, for benchmarks: reads all headers and adds one, each way.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &stream{} })
}

type stream struct{ types.DefaultHttpContext }

func (*stream) OnHttpRequestHeaders(int, bool) types.Action {
	if headers, err := proxywasm.GetHttpRequestHeaders(); err != nil || len(headers) == 0 {
		panic("no request headers")
	}
	if err := proxywasm.AddHttpRequestHeader("x-plugin", "request"); err != nil {
		panic(err)
	}
	return types.ActionContinue
}

func (*stream) OnHttpResponseHeaders(int, bool) types.Action {
	if headers, err := proxywasm.GetHttpResponseHeaders(); err != nil || len(headers) == 0 {
		panic("no response headers")
	}
	if err := proxywasm.AddHttpResponseHeader("x-plugin", "response"); err != nil {
		panic(err)
	}
	return types.ActionContinue
}
