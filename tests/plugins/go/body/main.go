// Reads and changes bodies. Headers of the request choose: x-body (request, response), x-op (append,
// prepend, replace, empty, read, part), x-mode (buffer: until the end; stream: chunk by chunk).
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
	body, op, mode string
}

func (s *stream) OnHttpRequestHeaders(_ int, end bool) types.Action {
	s.body, _ = proxywasm.GetHttpRequestHeader("x-body")
	s.op, _ = proxywasm.GetHttpRequestHeader("x-op")
	s.mode, _ = proxywasm.GetHttpRequestHeader("x-mode")
	if s.body == "request" && s.op != "read" {
		_ = proxywasm.RemoveHttpRequestHeader("content-length")
	}
	if s.mode == "hold" && !end {
		return types.ActionPause
	}
	return types.ActionContinue
}

func (s *stream) OnHttpRequestBody(size int, end bool) types.Action {
	proxywasm.LogInfof("request body: %d bytes, end %v", size, end)
	if s.body != "request" {
		return types.ActionContinue
	}
	if s.mode == "buffer" && !end {
		return types.ActionPause
	}
	return s.change(size, proxywasm.GetHttpRequestBody, proxywasm.AppendHttpRequestBody,
		proxywasm.PrependHttpRequestBody, proxywasm.ReplaceHttpRequestBody)
}

func (s *stream) OnHttpResponseHeaders(int, bool) types.Action {
	if s.body == "response" && s.op != "read" {
		_ = proxywasm.RemoveHttpResponseHeader("content-length")
	}
	return types.ActionContinue
}

func (s *stream) OnHttpResponseBody(size int, end bool) types.Action {
	if s.mode != "stream" {
		proxywasm.LogInfof("response body: %d bytes, end %v", size, end)
	}
	if s.body != "response" {
		return types.ActionContinue
	}
	if s.mode == "buffer" && !end {
		return types.ActionPause
	}
	return s.change(size, proxywasm.GetHttpResponseBody, proxywasm.AppendHttpResponseBody,
		proxywasm.PrependHttpResponseBody, proxywasm.ReplaceHttpResponseBody)
}

func (s *stream) change(
	size int, get func(int, int) ([]byte, error), add, prepend, replace func([]byte) error,
) types.Action {
	var err error
	switch s.op {
	case "append":
		err = add([]byte("<end>"))
	case "prepend":
		err = prepend([]byte("<start>"))
	case "replace":
		err = replace([]byte("<new>"))
	case "empty":
		err = replace(nil)
	case "read":
		var data []byte
		data, err = get(0, size)
		proxywasm.LogInfof("whole: %q", data)
		data, partErr := get(2, 3)
		proxywasm.LogInfof("part: %q %v", data, partErr)
		data, partErr = get(size, 5)
		proxywasm.LogInfof("past: %q %v", data, partErr)
	}
	if err != nil {
		proxywasm.LogWarnf("%s: %v", s.op, err)
	}
	return types.ActionContinue
}
