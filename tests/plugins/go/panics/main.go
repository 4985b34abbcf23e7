// Panics in the callback that the request's x-panic header names.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &stream{} })
}

type stream struct {
	types.DefaultHttpContext
	at string
}

func (s *stream) in(callback string) types.Action {
	if s.at == callback {
		panic("as asked: " + callback)
	}
	return types.ActionContinue
}

func (s *stream) OnHttpRequestHeaders(int, bool) types.Action {
	s.at, _ = proxywasm.GetHttpRequestHeader("x-panic")
	return s.in("request-headers")
}

func (s *stream) OnHttpRequestBody(int, bool) types.Action     { return s.in("request-body") }
func (s *stream) OnHttpResponseHeaders(int, bool) types.Action { return s.in("response-headers") }
func (s *stream) OnHttpResponseBody(int, bool) types.Action    { return s.in("response-body") }
func (s *stream) OnHttpStreamDone()                            { s.in("log") }
