// Counts requests in shared data, with compare-and-swap.
package main

import (
	"encoding/binary"
	"errors"
	"strconv"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm"
	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

func main() {}

func init() {
	proxywasm.SetHttpContext(func(uint32) types.HttpContext { return &stream{} })
}

type stream struct{ types.DefaultHttpContext }

func (*stream) OnHttpRequestHeaders(int, bool) types.Action {
	count, err := increment("count")
	if err != nil {
		proxywasm.LogWarnf("increment: %v", err)
	}
	_ = proxywasm.AddHttpRequestHeader("x-count", strconv.FormatUint(count, 10))
	_, _, err = proxywasm.GetSharedData("never written")
	proxywasm.LogInfof("absent: %v", err)
	_, cas, _ := proxywasm.GetSharedData("count")
	proxywasm.LogInfof("stale: %v", proxywasm.SetSharedData("count", []byte("x"), cas+1000))
	proxywasm.LogInfof("empty: %v", proxywasm.SetSharedData("empty", nil, 0))
	value, _, err := proxywasm.GetSharedData("empty")
	proxywasm.LogInfof("empty: %d bytes %v", len(value), err)
	return types.ActionContinue
}

func increment(key string) (uint64, error) {
	for {
		value, cas, err := proxywasm.GetSharedData(key)
		if err != nil && !errors.Is(err, types.ErrorStatusNotFound) {
			return 0, err
		}
		count := uint64(1)
		if len(value) == 8 {
			count += binary.LittleEndian.Uint64(value)
		}
		err = proxywasm.SetSharedData(key, binary.LittleEndian.AppendUint64(nil, count), cas)
		if !errors.Is(err, types.ErrorStatusCasMismatch) {
			return count, err
		}
	}
}
