// Holds each request until the second tick after it; ticks only while requests wait.
package main

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetVMContext(&vm{})
}

type vm struct{ types.DefaultVMContext }

func (*vm) NewPluginContext(uint32) types.PluginContext {
	return &plugin{waiting: map[uint32]int{}}
}

type plugin struct {
	types.DefaultPluginContext
	waiting map[uint32]int
}

func (p *plugin) NewHttpContext(id uint32) types.HttpContext { return &stream{id: id, plugin: p} }

func (p *plugin) OnTick() {
	for id, ticks := range p.waiting {
		if ticks+1 < 2 {
			p.waiting[id] = ticks + 1
			continue
		}
		delete(p.waiting, id)
		if err := proxywasm.SetEffectiveContext(id); err != nil {
			proxywasm.LogWarnf("effective: %v", err)
			continue
		}
		proxywasm.LogInfo("resuming")
		_ = proxywasm.AddHttpRequestHeader("x-ticked", "yes")
		if err := proxywasm.ResumeHttpRequest(); err != nil {
			proxywasm.LogWarnf("resume: %v", err)
		}
	}
	if len(p.waiting) == 0 {
		_ = proxywasm.SetTickPeriodMilliSeconds(0)
	}
}

type stream struct {
	types.DefaultHttpContext
	id     uint32
	plugin *plugin
}

func (s *stream) OnHttpRequestHeaders(int, bool) types.Action {
	s.plugin.waiting[s.id] = 0
	_ = proxywasm.SetTickPeriodMilliSeconds(20)
	return types.ActionPause
}

func (s *stream) OnHttpRequestBody(size int, end bool) types.Action {
	proxywasm.LogInfof("body: %d bytes, end %v", size, end)
	return types.ActionContinue
}

func (s *stream) OnHttpStreamDone() { delete(s.plugin.waiting, s.id) }
