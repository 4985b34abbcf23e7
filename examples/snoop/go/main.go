// Snoop: a Proxy-Wasm plugin that logs every header of each request and response.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &snoop{} })
}

type snoop struct{ types.DefaultHttpContext }

func (*snoop) OnHttpRequestHeaders(int, bool) types.Action {
	list("request  ", proxywasm.GetHttpRequestHeaders)
	return types.ActionContinue
}

func (*snoop) OnHttpResponseHeaders(int, bool) types.Action {
	list("response ", proxywasm.GetHttpResponseHeaders)
	return types.ActionContinue
}

func list(prefix string, get func() ([][2]string, error)) {
	pairs, err := get()
	if err != nil {
		return
	}
	for _, pair := range pairs {
		proxywasm.LogInfo(prefix + pair[0] + ": " + pair[1])
	}
}
