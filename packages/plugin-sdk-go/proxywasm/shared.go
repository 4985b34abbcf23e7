package proxywasm

import "github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/internal/abi"

// GetSharedData returns a value that all VMs of this vm_id share, and its version.
func GetSharedData(key string) (value []byte, cas uint32, err error) { return abi.SharedData(key) }

// SetSharedData writes if cas is the stored version, or in any case if it is 0.
func SetSharedData(key string, data []byte, cas uint32) error {
	return abi.SetSharedData(key, data, cas)
}

// RegisterSharedQueue makes a queue, or finds it, and asks for OnQueueReady.
func RegisterSharedQueue(name string) (queueID uint32, err error) { return abi.RegisterQueue(name) }

// ResolveSharedQueue finds the queue that plugins of a vm_id registered.
func ResolveSharedQueue(vmID, queueName string) (queueID uint32, err error) {
	return abi.ResolveQueue(vmID, queueName)
}

func EnqueueSharedQueue(queueID uint32, data []byte) error { return abi.Enqueue(queueID, data) }

// DequeueSharedQueue returns ErrorStatusEmpty when there is nothing.
func DequeueSharedQueue(queueID uint32) ([]byte, error) { return abi.Dequeue(queueID) }
