// Package proxywasm is what Proxy-Wasm plugins written in Go call: it speaks ABI 0.2.0, compiled by
// plain Go with GOOS=wasip1 GOARCH=wasm and -buildmode=c-shared. Its names are those of the public Go
// SDK for Proxy-Wasm. Set contexts in init: main isn't called.
package proxywasm

import (
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/plugin"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// SetVMContext sets the module's VM context.
func SetVMContext(ctx types.VMContext) { plugin.SetVMContext(ctx) }

// SetPluginContext sets how plugin contexts are made, for modules without a VM context of their own.
func SetPluginContext(newPluginContext func(contextID uint32) types.PluginContext) {
	plugin.SetPluginContext(newPluginContext)
}

// SetHttpContext sets how HTTP contexts are made, for modules without a plugin context of their own.
func SetHttpContext(newHttpContext func(contextID uint32) types.HttpContext) {
	plugin.SetHttpContext(newHttpContext)
}

// SetTcpContext sets how TCP contexts are made, for modules without a plugin context of their own.
func SetTcpContext(newTcpContext func(contextID uint32) types.TcpContext) {
	plugin.SetTcpContext(newTcpContext)
}

// SetEffectiveContext makes later calls of this callback act on another context.
func SetEffectiveContext(contextID uint32) error {
	err := abi.SetEffectiveContext(contextID)
	if err == nil {
		plugin.SetCurrent(contextID)
	}
	return err
}

// SetTickPeriodMilliSeconds sets the period of OnTick; 0 stops it.
func SetTickPeriodMilliSeconds(millSec uint32) error { return abi.SetTickPeriod(millSec) }

// PluginDone ends a plugin whose OnPluginDone returned false.
func PluginDone() {
	// The host refuses this only for a plugin that doesn't wait: there is nothing to end then.
	_ = abi.Done()
}

// GetVMConfiguration returns the configuration of the VM.
func GetVMConfiguration() ([]byte, error) { return configuration(abi.BufferVMConfiguration) }

// GetPluginConfiguration returns the plugin's configuration, during OnPluginStart.
func GetPluginConfiguration() ([]byte, error) { return configuration(abi.BufferPluginConfiguration) }

func configuration(buffer uint32) ([]byte, error) {
	const all = 1<<31 - 1
	return abi.Buffer(buffer, 0, all)
}
