// Puts each request's path into a queue of its own, and logs what comes out.
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

func (*vm) NewPluginContext(uint32) types.PluginContext { return &plugin{} }

type plugin struct {
	types.DefaultPluginContext
	queue uint32
}

func (p *plugin) NewHttpContext(uint32) types.HttpContext { return &stream{plugin: p} }

func (p *plugin) OnQueueReady(queue uint32) {
	data, err := proxywasm.DequeueSharedQueue(queue)
	proxywasm.LogInfof("ready: %q %v", data, err)
}

type stream struct {
	types.DefaultHttpContext
	plugin *plugin
}

func (s *stream) OnHttpRequestHeaders(int, bool) types.Action {
	p := s.plugin
	if p.queue == 0 {
		_, err := proxywasm.ResolveSharedQueue("", "no such queue")
		proxywasm.LogInfof("unknown queue: %v", err)
		p.queue, err = proxywasm.RegisterSharedQueue("paths")
		proxywasm.LogInfof("registered: %v %v", p.queue > 0, err)
	}
	_, err := proxywasm.DequeueSharedQueue(p.queue)
	proxywasm.LogInfof("empty: %v", err)
	_, err = proxywasm.DequeueSharedQueue(p.queue + 1000)
	proxywasm.LogInfof("unknown token: %v", err)
	path, _ := proxywasm.GetHttpRequestHeader(":path")
	for _, item := range []string{path, path + "/second"} {
		if err := proxywasm.EnqueueSharedQueue(p.queue, []byte(item)); err != nil {
			proxywasm.LogWarnf("enqueue: %v", err)
		}
	}
	return types.ActionContinue
}
