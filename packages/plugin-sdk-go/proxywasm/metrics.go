package proxywasm

import (
	"fmt"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"
)

type (
	// MetricCounter only grows.
	MetricCounter uint32
	// MetricGauge goes up and down.
	MetricGauge uint32
	// MetricHistogram is a distribution of values.
	MetricHistogram uint32
)

// DefineCounterMetric panics when the host refuses the metric, as do the other two.
func DefineCounterMetric(name string) MetricCounter {
	return MetricCounter(define(abi.MetricCounter, name))
}

func DefineGaugeMetric(name string) MetricGauge { return MetricGauge(define(abi.MetricGauge, name)) }

func DefineHistogramMetric(name string) MetricHistogram {
	return MetricHistogram(define(abi.MetricHistogram, name))
}

func define(kind uint32, name string) uint32 {
	id, err := abi.DefineMetric(kind, name)
	must(name, err)
	return id
}

// Increment panics for an offset of 0.
func (m MetricCounter) Increment(offset uint64) {
	must("increment", abi.IncrementMetric(uint32(m), int64(offset)))
}

func (m MetricCounter) Value() uint64 { return value(uint32(m)) }

func (m MetricGauge) Add(offset int64) { must("add", abi.IncrementMetric(uint32(m), offset)) }

func (m MetricGauge) Value() int64 { return int64(value(uint32(m))) }

func (m MetricHistogram) Record(value uint64) { must("record", abi.RecordMetric(uint32(m), value)) }

// Value panics where the host can't read histograms back.
func (m MetricHistogram) Value() uint64 { return value(uint32(m)) }

func value(id uint32) uint64 {
	v, err := abi.Metric(id)
	must("value", err)
	return v
}

func must(what string, err error) {
	if err != nil {
		panic(fmt.Sprintf("metric %s: %v", what, err))
	}
}
