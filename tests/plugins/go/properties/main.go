// Logs the properties that the configuration lists (one path per line, segments joined by |) in each
// phase that the request's x-phases header names, and stores one.
package main

import (
	"fmt"
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

type plugin struct {
	types.DefaultPluginContext
	paths []string
}

func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	data, _ := proxywasm.GetPluginConfiguration()
	p.paths = strings.Fields(string(data))
	return types.OnPluginStartStatusOK
}

func (p *plugin) NewHttpContext(uint32) types.HttpContext { return &stream{plugin: p} }

type stream struct {
	types.DefaultHttpContext
	plugin *plugin
	phases string
}

func (s *stream) OnHttpRequestHeaders(int, bool) types.Action {
	s.phases, _ = proxywasm.GetHttpRequestHeader("x-phases")
	s.print("request")
	if err := proxywasm.SetProperty([]string{"mine"}, []byte("stored")); err != nil {
		proxywasm.LogWarnf("set: %v", err)
	}
	value, err := proxywasm.GetProperty([]string{"mine"})
	proxywasm.LogInfof("mine: %q %v", value, err)
	value, err = proxywasm.GetProperty([]string{"filter_state", "wasm.mine"})
	proxywasm.LogInfof("filter_state wasm.mine: %q %v", value, err)
	return types.ActionContinue
}

func (s *stream) OnHttpResponseHeaders(int, bool) types.Action {
	s.print("response")
	return types.ActionContinue
}

func (s *stream) OnHttpStreamDone() { s.print("log") }

func (s *stream) print(phase string) {
	if !strings.Contains(s.phases, phase) {
		return
	}
	for _, path := range s.plugin.paths {
		value, err := proxywasm.GetProperty(strings.Split(path, "|"))
		text := fmt.Sprintf("%q", value)
		if err != nil {
			text = err.Error()
		}
		proxywasm.LogInfof("%s %s = %s", phase, path, text)
	}
}
