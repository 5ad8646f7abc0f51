/* Stands in for the CUDA driver on machines that have none, so that bindings that ask for it can be
   loaded, and so that a test can see that what crosses from Java arrives. It counts no device, so
   that nobody takes it for one that computes, but opens device 0 for who asks for that: its memory
   is the host's, its copies happen when somebody waits for their stream and not before, and calls
   must come in the one context. Numbers are those of CUDA 13's headers. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, INVALID_VALUE = 1, INVALID_CONTEXT = 201 };
enum { POOLS_SUPPORTED = 115, RELEASE_THRESHOLD = 4, PINNED = 1, DEVICE = 1, NO_TIMING = 2 };
enum { COPIES = 16 };
static const uint64_t MEMORY = 32ull << 30, KEPT = 1ull << 30;

typedef struct {
  int allocation_type, handle_types, location_type, location_id;
  char rest[88 - 16];
} PoolProperties;

typedef struct {
  void *stream, *target;
  const void* source;
  size_t bytes;
} Copy;

typedef struct {
  void* recorded_on;
  int recorded;
} Event;

static int context, pool;
static uint64_t threshold;
static __thread void* current;
static Copy copies[COPIES];
static int queued;

int cuInit(unsigned flags) { return flags == 0 ? SUCCESS : INVALID_VALUE; }

int cuGetErrorName(int error, const char** name) {
  *name = error == INVALID_CONTEXT ? "CUDA_ERROR_INVALID_CONTEXT" : "CUDA_ERROR_INVALID_VALUE";
  return SUCCESS;
}

int cuGetErrorString(int error, const char** text) {
  *text = error == INVALID_CONTEXT ? "invalid device context" : "invalid argument";
  return SUCCESS;
}

int cuDeviceGetCount(int* count) {
  *count = 0;
  return SUCCESS;
}

int cuDeviceGet(int* device, int ordinal) {
  *device = ordinal;
  return ordinal == 0 ? SUCCESS : INVALID_VALUE;
}

int cuDeviceGetName(char* name, int size, int device) {
  snprintf(name, size, "stand-in");
  return device == 0 ? SUCCESS : INVALID_VALUE;
}

int cuDriverGetVersion(int* version) {
  *version = 13000;
  return SUCCESS;
}

int cuDeviceTotalMem_v2(size_t* bytes, int device) {
  *bytes = MEMORY;
  return device == 0 ? SUCCESS : INVALID_VALUE;
}

int cuDeviceGetAttribute(int* value, int attribute, int device) {
  *value = attribute == POOLS_SUPPORTED ? 1 : 9;
  return device == 0 ? SUCCESS : INVALID_VALUE;
}

int cuDevicePrimaryCtxRetain(void** primary, int device) {
  *primary = &context;
  return device == 0 ? SUCCESS : INVALID_VALUE;
}

int cuCtxGetCurrent(void** there) {
  *there = current;
  return SUCCESS;
}

int cuCtxPushCurrent_v2(void* pushed) {
  current = pushed;
  return pushed == &context ? SUCCESS : INVALID_CONTEXT;
}

int cuCtxPopCurrent_v2(void** popped) {
  *popped = current;
  current = NULL;
  return SUCCESS;
}

int cuMemPoolCreate(void** made, const PoolProperties* wanted) {
  *made = &pool;
  for (size_t i = 0; i < sizeof wanted->rest; i++)
    if (wanted->rest[i] != 0) return INVALID_VALUE;
  return wanted->allocation_type == PINNED && wanted->handle_types == 0 &&
                 wanted->location_type == DEVICE && wanted->location_id == 0
             ? SUCCESS
             : INVALID_VALUE;
}

int cuMemPoolSetAttribute(void* of, int attribute, const uint64_t* value) {
  threshold = *value;
  return of == &pool && attribute == RELEASE_THRESHOLD ? SUCCESS : INVALID_VALUE;
}

int cuMemAllocFromPoolAsync(uint64_t* address, size_t bytes, void* from, void* stream) {
  (void)stream;
  if (current != &context) return INVALID_CONTEXT;
  *address = (uint64_t)(uintptr_t)malloc(bytes);
  return from == &pool && threshold == KEPT ? SUCCESS : INVALID_VALUE;
}

int cuMemFreeAsync(uint64_t address, void* stream) {
  (void)stream;
  free((void*)(uintptr_t)address);
  return current == &context ? SUCCESS : INVALID_CONTEXT;
}

static int queue(void* target, const void* source, size_t bytes, void* stream) {
  if (current != &context) return INVALID_CONTEXT;
  if (queued == COPIES) return INVALID_VALUE;
  copies[queued++] = (Copy){stream, target, source, bytes};
  return SUCCESS;
}

int cuMemcpyHtoDAsync_v2(uint64_t target, const void* source, size_t bytes, void* stream) {
  return queue((void*)(uintptr_t)target, source, bytes, stream);
}

int cuMemcpyDtoHAsync_v2(void* target, uint64_t source, size_t bytes, void* stream) {
  return queue(target, (const void*)(uintptr_t)source, bytes, stream);
}

int cuMemsetD8Async(uint64_t address, unsigned char value, size_t bytes, void* stream) {
  (void)stream;
  memset((void*)(uintptr_t)address, value, bytes);
  return current == &context ? SUCCESS : INVALID_CONTEXT;
}

int cuStreamSynchronize(void* stream) {
  int left = 0;
  for (int i = 0; i < queued; i++) {
    if (copies[i].stream == stream)
      memcpy(copies[i].target, copies[i].source, copies[i].bytes);
    else
      copies[left++] = copies[i];
  }
  queued = left;
  return current == &context ? SUCCESS : INVALID_CONTEXT;
}

int cuEventCreate(Event** event, unsigned flags) {
  *event = calloc(1, sizeof(Event));
  return flags == NO_TIMING && current == &context ? SUCCESS : INVALID_VALUE;
}

int cuEventRecord(Event* event, void* stream) {
  event->recorded = 1;
  event->recorded_on = stream;
  return current == &context ? SUCCESS : INVALID_CONTEXT;
}

int cuStreamWaitEvent(void* stream, const Event* event, unsigned flags) {
  return event->recorded && event->recorded_on != stream && flags == 0 ? SUCCESS : INVALID_VALUE;
}

int cuEventDestroy_v2(Event* event) {
  free(event);
  return SUCCESS;
}
