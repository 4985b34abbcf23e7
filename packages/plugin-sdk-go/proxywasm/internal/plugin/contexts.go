// Package plugin keeps the contexts of this VM and hands the host's callbacks to them.
package plugin

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// Callback receives the answer to an HTTP call.
type Callback func(numHeaders, bodySize, numTrailers int)

type plugin struct {
	context types.PluginContext
	calls   map[uint32]call
}

type call struct {
	// stream made the call: 0 for the plugin itself.
	stream   uint32
	callback Callback
}

type httpStream struct {
	context types.HttpContext
	plugin  uint32
}

type tcpStream struct {
	context types.TcpContext
	plugin  uint32
}

var (
	vm          types.VMContext = &types.DefaultVMContext{}
	makePlugin  func(contextID uint32) types.PluginContext
	makeHTTP    func(contextID uint32) types.HttpContext
	makeTCP     func(contextID uint32) types.TcpContext
	plugins     = map[uint32]*plugin{}
	httpStreams = map[uint32]httpStream{}
	tcpStreams  = map[uint32]tcpStream{}
	// current is the context that the host acts for.
	current uint32
)

func SetVMContext(context types.VMContext) { vm = context }

func SetPluginContext(make func(contextID uint32) types.PluginContext) { makePlugin = make }

func SetHttpContext(make func(contextID uint32) types.HttpContext) { makeHTTP = make }

func SetTcpContext(make func(contextID uint32) types.TcpContext) { makeTCP = make }

// SetCurrent notes that the plugin made another context effective.
func SetCurrent(contextID uint32) { current = contextID }

// ExpectAnswer keeps the callback of a call that the current context made.
func ExpectAnswer(token uint32, callback Callback) {
	owner, stream := current, uint32(0)
	if s, ok := httpStreams[current]; ok {
		owner, stream = s.plugin, current
	} else if s, ok := tcpStreams[current]; ok {
		owner, stream = s.plugin, current
	}
	if p := plugins[owner]; p != nil {
		p.calls[token] = call{stream, callback}
	}
}

func createPlugin(contextID uint32) {
	var context types.PluginContext
	if makePlugin != nil {
		context = makePlugin(contextID)
	} else {
		context = vm.NewPluginContext(contextID)
	}
	plugins[contextID] = &plugin{context, map[uint32]call{}}
}

// createStream makes an HTTP context if the plugin gives one, else a TCP context.
func createStream(contextID, pluginID uint32) {
	p := plugins[pluginID]
	if p == nil {
		panic("a stream of an unknown plugin")
	}
	var http types.HttpContext
	if makeHTTP != nil {
		http = makeHTTP(contextID)
	} else {
		http = p.context.NewHttpContext(contextID)
	}
	if http != nil {
		httpStreams[contextID] = httpStream{http, pluginID}
		return
	}
	var tcp types.TcpContext
	if makeTCP != nil {
		tcp = makeTCP(contextID)
	} else {
		tcp = p.context.NewTcpContext(contextID)
	}
	if tcp == nil {
		panic("the plugin handles neither HTTP streams nor TCP connections")
	}
	tcpStreams[contextID] = tcpStream{tcp, pluginID}
}

func onHTTPCallResponse(pluginID, token uint32, numHeaders, bodySize, numTrailers int) {
	p := plugins[pluginID]
	if p == nil {
		panic("an answer for an unknown plugin")
	}
	waiting, ok := p.calls[token]
	if !ok {
		panic("an answer to an unknown call")
	}
	delete(p.calls, token)
	if waiting.stream == 0 {
		current = pluginID
		waiting.callback(numHeaders, bodySize, numTrailers)
		return
	}
	// The stream that asked may be gone; then nobody waits for the answer.
	_, isHTTP := httpStreams[waiting.stream]
	_, isTCP := tcpStreams[waiting.stream]
	if !isHTTP && !isTCP {
		return
	}
	current = waiting.stream
	if err := abi.SetEffectiveContext(waiting.stream); err != nil {
		panic("the stream of an answer is unknown to the host")
	}
	waiting.callback(numHeaders, bodySize, numTrailers)
	current = pluginID
	if err := abi.SetEffectiveContext(pluginID); err != nil {
		panic("the plugin is unknown to the host")
	}
}

// onDone is true unless a plugin wants to live on.
func onDone(contextID uint32) bool {
	if p := plugins[contextID]; p != nil {
		return p.context.OnPluginDone()
	}
	return true
}

func onDelete(contextID uint32) {
	delete(plugins, contextID)
	delete(httpStreams, contextID)
	delete(tcpStreams, contextID)
}
