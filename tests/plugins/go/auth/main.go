// Asks a cluster (named by the configuration) whether a request may pass.
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
	cluster string
}

func (p *plugin) OnPluginStart(int) types.OnPluginStartStatus {
	data, err := proxywasm.GetPluginConfiguration()
	if err != nil {
		proxywasm.LogCriticalf("no configuration: %v", err)
		return types.OnPluginStartStatusFailed
	}
	p.cluster = string(data)
	return types.OnPluginStartStatusOK
}

func (p *plugin) NewHttpContext(uint32) types.HttpContext { return &stream{cluster: p.cluster} }

type stream struct {
	types.DefaultHttpContext
	cluster string
}

func (s *stream) OnHttpRequestHeaders(int, bool) types.Action {
	token, _ := proxywasm.GetHttpRequestHeader("authorization")
	path, _ := proxywasm.GetHttpRequestHeader(":path")
	cluster := s.cluster
	if named, err := proxywasm.GetHttpRequestHeader("x-cluster"); err == nil {
		cluster = named
	}
	headers := [][2]string{
		{":method", "POST"}, {":path", "/auth"}, {":authority", "auth.example"},
		{"x-token", token}, {"x-for", path},
	}
	if _, err := proxywasm.GetHttpRequestHeader("x-no-path"); err == nil {
		headers = headers[:1]
	}
	_, err := proxywasm.DispatchHttpCall(
		cluster, headers, []byte("who is "+token), nil, 300, s.onAnswer,
	)
	if err != nil {
		proxywasm.LogWarnf("dispatch: %v", err)
		return types.ActionContinue
	}
	return types.ActionPause
}

func (s *stream) onAnswer(numHeaders, bodySize, numTrailers int) {
	proxywasm.LogInfof("answer: headers %v, body %d, trailers %d", numHeaders > 0, bodySize, numTrailers)
	headers, err := proxywasm.GetHttpCallResponseHeaders()
	status := ""
	for _, pair := range headers {
		if pair[0] == ":status" {
			status = pair[1]
		}
	}
	body, bodyErr := proxywasm.GetHttpCallResponseBody(0, bodySize)
	proxywasm.LogInfof("status %q %v, body %q %v", status, err, body, bodyErr)
	if status == "200" {
		if err := proxywasm.AddHttpRequestHeader("x-user", string(body)); err != nil {
			proxywasm.LogWarnf("add: %v", err)
		}
		if err := proxywasm.ResumeHttpRequest(); err != nil {
			proxywasm.LogWarnf("resume: %v", err)
		}
		return
	}
	err = proxywasm.SendHttpResponse(403, [][2]string{{"x-denied", status}}, []byte("denied\n"), -1)
	if err != nil {
		proxywasm.LogWarnf("send: %v", err)
	}
}
