package abi

import (
	"math"
	"unsafe"

	"github.com/proxy-wasm/proxy-wasm-go-sdk/proxywasm/types"
)

// wholeBuffer is a length past the end of every buffer.
const wholeBuffer = math.MaxInt32

func Log(level uint32, message string) {
	data, size := textPointer(message)
	log(level, data, size)
}

func SetTickPeriod(milliseconds uint32) error    { return setTickPeriod(milliseconds).Err() }
func SetEffectiveContext(contextID uint32) error { return setEffectiveContext(contextID).Err() }
func Done() error                                { return done().Err() }
func ContinueStream(stream uint32) error         { return continueStream(stream).Err() }
func CloseStream(stream uint32) error            { return closeStream(stream).Err() }

func SendLocalResponse(code uint32, headers [][2]string, body []byte, grpcStatus int32) error {
	headersData, headersSize := bytesPointer(EncodePairs(headers))
	bodyData, bodySize := bytesPointer(body)
	return sendLocalResponse(
		code, nil, 0, bodyData, bodySize, headersData, headersSize, grpcStatus,
	).Err()
}

// Buffer reads at most size bytes from start on. A buffer that isn't there is ErrorStatusNotFound.
func Buffer(buffer uint32, start, size int) ([]byte, error) {
	var data unsafe.Pointer
	var length uint32
	status := getBufferBytes(
		buffer, uint32(start), uint32(size), unsafe.Pointer(&data), unsafe.Pointer(&length),
	)
	return given(status, data, length)
}

func PrependBuffer(buffer uint32, data []byte) error { return setBuffer(buffer, 0, 0, data) }
func AppendBuffer(buffer uint32, data []byte) error  { return setBuffer(buffer, wholeBuffer, 0, data) }
func ReplaceBuffer(buffer uint32, data []byte) error { return setBuffer(buffer, 0, wholeBuffer, data) }

func setBuffer(buffer, start, length uint32, data []byte) error {
	pointer, size := bytesPointer(data)
	return setBufferBytes(buffer, start, length, pointer, size).Err()
}

func Map(kind uint32) ([][2]string, error) {
	var data unsafe.Pointer
	var size uint32
	status := getMapPairs(kind, unsafe.Pointer(&data), unsafe.Pointer(&size))
	block, err := given(status, data, size)
	if err != nil {
		return nil, err
	}
	return DecodePairs(block)
}

func SetMap(kind uint32, pairs [][2]string) error {
	data, size := bytesPointer(EncodePairs(pairs))
	return setMapPairs(kind, data, size).Err()
}

func MapValue(kind uint32, key string) (string, error) {
	keyData, keySize := textPointer(key)
	var data unsafe.Pointer
	var size uint32
	status := getMapValue(kind, keyData, keySize, unsafe.Pointer(&data), unsafe.Pointer(&size))
	if err := status.Err(); err != nil {
		return "", err
	}
	block := take(data, size)
	return unsafe.String(unsafe.SliceData(block), len(block)), nil
}

func AddMapValue(kind uint32, key, value string) error {
	keyData, keySize := textPointer(key)
	valueData, valueSize := textPointer(value)
	return addMapValue(kind, keyData, keySize, valueData, valueSize).Err()
}

func ReplaceMapValue(kind uint32, key, value string) error {
	keyData, keySize := textPointer(key)
	valueData, valueSize := textPointer(value)
	return replaceMapValue(kind, keyData, keySize, valueData, valueSize).Err()
}

func RemoveMapValue(kind uint32, key string) error {
	data, size := textPointer(key)
	return removeMapValue(kind, data, size).Err()
}

func Property(path []string) ([]byte, error) {
	if len(path) == 0 {
		return nil, types.ErrorStatusBadArgument
	}
	pathData, pathSize := bytesPointer(EncodePath(path))
	var data unsafe.Pointer
	var size uint32
	status := getProperty(pathData, pathSize, unsafe.Pointer(&data), unsafe.Pointer(&size))
	if err := status.Err(); err != nil {
		return nil, err
	}
	return take(data, size), nil
}

func SetProperty(path []string, value []byte) error {
	if len(path) == 0 {
		return types.ErrorStatusBadArgument
	}
	pathData, pathSize := bytesPointer(EncodePath(path))
	valueData, valueSize := bytesPointer(value)
	return setProperty(pathData, pathSize, valueData, valueSize).Err()
}

func DefineMetric(kind uint32, name string) (uint32, error) {
	data, size := textPointer(name)
	var id uint32
	err := defineMetric(kind, data, size, unsafe.Pointer(&id)).Err()
	return id, err
}

func IncrementMetric(id uint32, offset int64) error { return incrementMetric(id, offset).Err() }
func RecordMetric(id uint32, value uint64) error    { return recordMetric(id, value).Err() }

func Metric(id uint32) (uint64, error) {
	var value uint64
	err := getMetric(id, unsafe.Pointer(&value)).Err()
	return value, err
}

func SharedData(key string) (value []byte, cas uint32, err error) {
	keyData, keySize := textPointer(key)
	var data unsafe.Pointer
	var size uint32
	status := getSharedData(
		keyData, keySize, unsafe.Pointer(&data), unsafe.Pointer(&size), unsafe.Pointer(&cas),
	)
	if err := status.Err(); err != nil {
		return nil, 0, err
	}
	return take(data, size), cas, nil
}

func SetSharedData(key string, value []byte, cas uint32) error {
	keyData, keySize := textPointer(key)
	valueData, valueSize := bytesPointer(value)
	return setSharedData(keyData, keySize, valueData, valueSize, cas).Err()
}

func RegisterQueue(name string) (token uint32, err error) {
	data, size := textPointer(name)
	err = registerQueue(data, size, unsafe.Pointer(&token)).Err()
	return token, err
}

func ResolveQueue(vmID, name string) (token uint32, err error) {
	vmData, vmSize := textPointer(vmID)
	data, size := textPointer(name)
	err = resolveQueue(vmData, vmSize, data, size, unsafe.Pointer(&token)).Err()
	return token, err
}

func Enqueue(token uint32, value []byte) error {
	data, size := bytesPointer(value)
	return enqueue(token, data, size).Err()
}

func Dequeue(token uint32) ([]byte, error) {
	var data unsafe.Pointer
	var size uint32
	status := dequeue(token, unsafe.Pointer(&data), unsafe.Pointer(&size))
	if err := status.Err(); err != nil {
		return nil, err
	}
	return take(data, size), nil
}

func HTTPCall(
	cluster string, headers [][2]string, body []byte, trailers [][2]string, timeout uint32,
) (token uint32, err error) {
	clusterData, clusterSize := textPointer(cluster)
	headersData, headersSize := bytesPointer(EncodePairs(headers))
	bodyData, bodySize := bytesPointer(body)
	trailersData, trailersSize := bytesPointer(EncodePairs(trailers))
	err = httpCall(
		clusterData, clusterSize, headersData, headersSize, bodyData, bodySize,
		trailersData, trailersSize, timeout, unsafe.Pointer(&token),
	).Err()
	return token, err
}

func CallForeignFunction(name string, argument []byte) ([]byte, error) {
	nameData, nameSize := textPointer(name)
	argumentData, argumentSize := bytesPointer(argument)
	var data unsafe.Pointer
	var size uint32
	status := callForeignFunction(
		nameData, nameSize, argumentData, argumentSize, unsafe.Pointer(&data), unsafe.Pointer(&size),
	)
	if err := status.Err(); err != nil {
		return nil, err
	}
	return take(data, size), nil
}

// given is the block of a successful call; success without a block means that there is nothing.
func given(status Status, data unsafe.Pointer, size uint32) ([]byte, error) {
	if err := status.Err(); err != nil {
		return nil, err
	}
	if data == nil {
		return nil, types.ErrorStatusNotFound
	}
	return take(data, size), nil
}
