// Defines one metric of each kind, named after the configuration.
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
	requests proxywasm.MetricCounter
	active   proxywasm.MetricGauge
	sizes    proxywasm.MetricHistogram
}

func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	data, _ := proxywasm.GetPluginConfiguration()
	p.requests = proxywasm.DefineCounterMetric(string(data) + ".requests")
	p.active = proxywasm.DefineGaugeMetric(string(data) + ".active")
	p.sizes = proxywasm.DefineHistogramMetric(string(data) + ".sizes")
	return types.OnPluginStartStatusOK
}

func (p *plugin) NewHttpContext(uint32) types.HttpContext { return &stream{plugin: p} }

type stream struct {
	types.DefaultHttpContext
	plugin *plugin
}

func (s *stream) OnHttpRequestHeaders(count int, _ bool) types.Action {
	p := s.plugin
	p.requests.Increment(1)
	p.requests.Increment(4)
	p.active.Add(10)
	p.active.Add(-3)
	p.sizes.Record(uint64(count))
	proxywasm.LogInfof("requests %d, active %d", p.requests.Value(), p.active.Value())
	return types.ActionContinue
}
