// Package abi is the Proxy-Wasm ABI 0.2.0 from the guest's side: imports, numbers, serialisation.
package abi

import (
	"fmt"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// Status is what every host function returns.
type Status uint32

const (
	statusOK              Status = 0
	statusNotFound        Status = 1
	statusBadArgument     Status = 2
	statusEmpty           Status = 7
	statusCasMismatch     Status = 8
	statusInternalFailure Status = 10
	statusUnimplemented   Status = 12
)

// Err is nil for success.
func (s Status) Err() error {
	switch s {
	case statusOK:
		return nil
	case statusNotFound:
		return types.ErrorStatusNotFound
	case statusBadArgument:
		return types.ErrorStatusBadArgument
	case statusEmpty:
		return types.ErrorStatusEmpty
	case statusCasMismatch:
		return types.ErrorStatusCasMismatch
	case statusInternalFailure:
		return types.ErrorInternalFailure
	case statusUnimplemented:
		return types.ErrorUnimplemented
	}
	return fmt.Errorf("unknown status code: %d", uint32(s))
}

// Maps.
const (
	MapRequestHeaders       uint32 = 0
	MapRequestTrailers      uint32 = 1
	MapResponseHeaders      uint32 = 2
	MapResponseTrailers     uint32 = 3
	MapCallResponseHeaders  uint32 = 6
	MapCallResponseTrailers uint32 = 7
)

// Buffers.
const (
	BufferRequestBody         uint32 = 0
	BufferResponseBody        uint32 = 1
	BufferDownstreamData      uint32 = 2
	BufferUpstreamData        uint32 = 3
	BufferCallResponseBody    uint32 = 4
	BufferVMConfiguration     uint32 = 6
	BufferPluginConfiguration uint32 = 7
)

// Streams.
const (
	StreamRequest    uint32 = 0
	StreamResponse   uint32 = 1
	StreamDownstream uint32 = 2
	StreamUpstream   uint32 = 3
)

// Metrics.
const (
	MetricCounter   uint32 = 0
	MetricGauge     uint32 = 1
	MetricHistogram uint32 = 2
)

// Log levels.
const (
	LevelTrace    uint32 = 0
	LevelDebug    uint32 = 1
	LevelInfo     uint32 = 2
	LevelWarn     uint32 = 3
	LevelError    uint32 = 4
	LevelCritical uint32 = 5
)
