// Logs every callback. The request's x-pause header lists callbacks that pause until the next one of
// their direction.
package main

import (
	"strings"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetVMContext(&vm{})
}

type vm struct{ types.DefaultVMContext }

func (*vm) NewPluginContext(uint32) types.PluginContext { return &plugin{} }

type plugin struct{ types.DefaultPluginContext }

func (*plugin) NewHttpContext(uint32) types.HttpContext {
	proxywasm.LogInfo("created")
	_, err := proxywasm.GetPluginConfiguration()
	proxywasm.LogInfof("plugin configuration: %v", err)
	data, err := proxywasm.GetVMConfiguration()
	proxywasm.LogInfof("VM configuration: %q %v", data, err)
	return &stream{}
}

type stream struct {
	types.DefaultHttpContext
	pause string
}

func (s *stream) say(callback string, count int, end bool) types.Action {
	proxywasm.LogInfof("%s %d %v", callback, count, end)
	if strings.Contains(s.pause, callback) {
		return types.ActionPause
	}
	return types.ActionContinue
}

func (s *stream) OnHttpRequestHeaders(_ int, end bool) types.Action {
	s.pause, _ = proxywasm.GetHttpRequestHeader("x-pause")
	return s.say("request-headers", 0, end)
}

func (s *stream) OnHttpRequestBody(size int, end bool) types.Action {
	return s.say("request-body", size, end)
}

func (s *stream) OnHttpRequestTrailers(count int) types.Action {
	trailers, err := proxywasm.GetHttpRequestTrailers()
	proxywasm.LogInfof("trailers %q %v", trailers, err)
	_ = proxywasm.AddHttpRequestTrailer("x-added", "trailer")
	return s.say("request-trailers", count, true)
}

func (s *stream) OnHttpResponseHeaders(_ int, end bool) types.Action {
	return s.say("response-headers", 0, end)
}

func (s *stream) OnHttpResponseBody(size int, end bool) types.Action {
	return s.say("response-body", 0, end)
}

func (s *stream) OnHttpResponseTrailers(count int) types.Action {
	return s.say("response-trailers", count, true)
}

func (s *stream) OnHttpStreamDone() { proxywasm.LogInfo("done") }
