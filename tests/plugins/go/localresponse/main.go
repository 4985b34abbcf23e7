// Answers by itself in the callback that the request's x-at header names.
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
	at, how string
}

func (s *stream) in(callback string) types.Action {
	if s.at != callback {
		return types.ActionContinue
	}
	body := []byte("from the plugin\n")
	headers := [][2]string{{"x-plugin", "1"}, {"x-plugin", "2"}, {"Content-Type", "text/x-own"}}
	code, grpc := uint32(418), int32(-1)
	switch s.how {
	case "empty":
		body, headers = nil, nil
	case "no-headers":
		headers = nil
	case "grpc":
		grpc = 7
	case "204":
		code, body = 204, nil
	}
	if err := proxywasm.SendHttpResponse(code, headers, body, grpc); err != nil {
		proxywasm.LogWarnf("send: %v", err)
	}
	if s.how == "twice" {
		err := proxywasm.SendHttpResponse(419, nil, []byte("second"), -1)
		proxywasm.LogInfof("second: %v", err)
	}
	if s.how == "continue" {
		return types.ActionContinue
	}
	return types.ActionPause
}

func (s *stream) OnHttpRequestHeaders(int, bool) types.Action {
	s.at, _ = proxywasm.GetHttpRequestHeader("x-at")
	s.how, _ = proxywasm.GetHttpRequestHeader("x-how")
	return s.in("request-headers")
}

func (s *stream) OnHttpRequestBody(_ int, end bool) types.Action {
	if !end && s.at == "request-body-end" {
		return types.ActionPause
	}
	if end {
		return s.in("request-body-end")
	}
	return s.in("request-body")
}

func (s *stream) OnHttpResponseHeaders(int, bool) types.Action {
	status, _ := proxywasm.GetHttpResponseHeader(":status")
	proxywasm.LogInfof("response %s", status)
	if status == "418" {
		return types.ActionContinue
	}
	return s.in("response-headers")
}

func (s *stream) OnHttpResponseBody(size int, end bool) types.Action {
	if s.at == "response-body" && !end && s.how == "hold" {
		return types.ActionPause
	}
	return s.in("response-body")
}
