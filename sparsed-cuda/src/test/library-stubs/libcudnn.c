/* Stands in for cuDNN's backend API, so that a test can see that what crosses from Java arrives: it
   checks handles, the type and count of each attribute, and that an execution finds all its tensors.
   Computes nothing. Numbers are those of cuDNN 9.19's headers. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, BAD_PARAM = 2000, NOT_SUPPORTED_SHAPE = 3002 };
enum { TYPE_HANDLE = 0, TYPE_DATA_TYPE = 1, TYPE_BOOLEAN = 2, TYPE_INT64 = 3, TYPE_VOID_PTR = 6,
       TYPE_HEUR_MODE = 8, TYPE_DESCRIPTOR = 15 };
enum { HEURISTICS = 4, PLAN = 5, ENGINE = 3, GRAPH = 15, PACK = 16, TENSOR = 17, ATTENTION = 41 };
enum { ATTRIBUTES = 16, VALUES = 8, TENSORS = 6, UNSUPPORTED_HEAD = 96 };

typedef struct {
  int name, type;
  int64_t count, values[VALUES];
} Attribute;

typedef struct {
  int magic, type, complete, attributes;
  Attribute attribute[ATTRIBUTES];
} Descriptor;

enum { MAGIC = 0x5ca1ab1e };
static int the_handle;
static void* the_stream;
static char message[256];

static int fail(int status, const char* text, int number) {
  snprintf(message, sizeof message, "%s %d", text, number);
  return status;
}

static const Attribute* find(const Descriptor* d, int name) {
  for (int i = 0; i < d->attributes; i++)
    if (d->attribute[i].name == name) return &d->attribute[i];
  return NULL;
}

static int expected_type(int name) {
  switch (name) {
    case 400: case 800: return TYPE_HANDLE;
    case 901: return TYPE_DATA_TYPE;
    case 908: return TYPE_BOOLEAN;
    case 900: case 902: case 903: case 906: case 1000: return TYPE_INT64;
    case 1001: case 1003: return TYPE_VOID_PTR;
    case 200: return TYPE_HEUR_MODE;
    case 201: case 401: case 801: return TYPE_DESCRIPTOR;
    default: return name >= 2800 && name <= 2805 ? TYPE_DESCRIPTOR : -1;
  }
}

static int size_of(int type) {
  return type == TYPE_BOOLEAN ? 1 : type == TYPE_DATA_TYPE || type == TYPE_HEUR_MODE ? 4 : 8;
}

size_t cudnnGetVersion(void) { return 91999; }

const char* cudnnGetErrorString(int status) {
  return status == NOT_SUPPORTED_SHAPE ? "CUDNN_STATUS_NOT_SUPPORTED_SHAPE" : "CUDNN_STATUS_BAD_PARAM";
}

void cudnnGetLastErrorString(char* target, size_t size) { snprintf(target, size, "%s", message); }

int cudnnCreate(void** handle) {
  *handle = &the_handle;
  return SUCCESS;
}

int cudnnSetStream(void* handle, void* stream) {
  the_stream = stream;
  return handle == &the_handle ? SUCCESS : fail(BAD_PARAM, "handle", 0);
}

int cudnnBackendCreateDescriptor(int type, Descriptor** descriptor) {
  *descriptor = calloc(1, sizeof(Descriptor));
  (*descriptor)->magic = MAGIC;
  (*descriptor)->type = type;
  return SUCCESS;
}

int cudnnBackendDestroyDescriptor(Descriptor* d) {
  if (d->magic != MAGIC) return fail(BAD_PARAM, "not a descriptor", 0);
  d->magic = 0;
  free(d);
  return SUCCESS;
}

int cudnnBackendSetAttribute(Descriptor* d, int name, int type, int64_t count, const void* values) {
  if (d->magic != MAGIC || d->complete) return fail(BAD_PARAM, "descriptor of attribute", name);
  if (type != expected_type(name)) return fail(BAD_PARAM, "type of attribute", name);
  if (count < 1 || count > VALUES) return fail(BAD_PARAM, "count of attribute", name);
  Attribute* a = &d->attribute[d->attributes++];
  a->name = name;
  a->type = type;
  a->count = count;
  for (int64_t i = 0; i < count; i++)
    memcpy(&a->values[i], (const char*)values + i * size_of(type), size_of(type));
  if (type == TYPE_HANDLE && a->values[0] != (int64_t)(intptr_t)&the_handle)
    return fail(BAD_PARAM, "handle in attribute", name);
  if (type == TYPE_DESCRIPTOR) {
    const Descriptor* other = (const Descriptor*)(intptr_t)a->values[0];
    if (other->magic != MAGIC || !other->complete) return fail(BAD_PARAM, "reference", name);
  }
  return SUCCESS;
}

static int complete_tensor(const Descriptor* d) {
  for (int name = 900; name <= 906; name++) {
    int required = name != 904 && name != 905;
    if (required && !find(d, name)) return fail(BAD_PARAM, "tensor without", name);
  }
  if (find(d, 902)->count != 4 || find(d, 903)->count != 4) return fail(BAD_PARAM, "dimensions", 0);
  return SUCCESS;
}

int cudnnBackendFinalize(Descriptor* d) {
  if (d->magic != MAGIC || d->complete) return fail(BAD_PARAM, "completing", 0);
  int status = SUCCESS;
  if (d->type == TENSOR) status = complete_tensor(d);
  if (d->type == ATTENTION) {
    for (int name = 2800; name <= 2803; name++)
      if (!find(d, name)) return fail(BAD_PARAM, "attention without", name);
    const Descriptor* query = (const Descriptor*)(intptr_t)find(d, 2800)->values[0];
    if (find(query, 902)->values[3] == UNSUPPORTED_HEAD)
      return fail(NOT_SUPPORTED_SHAPE, "no attention for heads of", UNSUPPORTED_HEAD);
  }
  if (d->type == GRAPH && !(find(d, 800) && find(d, 801))) status = fail(BAD_PARAM, "graph", 0);
  if (d->type == PLAN && !(find(d, 400) && find(d, 401))) status = fail(BAD_PARAM, "plan", 0);
  if (d->type == PACK && !(find(d, 1000) && find(d, 1001) && find(d, 1003)))
    status = fail(BAD_PARAM, "variant pack", 0);
  d->complete = status == SUCCESS;
  return status;
}

int cudnnBackendGetAttribute(
    Descriptor* d, int name, int type, int64_t count, int64_t* there, void* values) {
  if (d->magic != MAGIC || !d->complete) return fail(BAD_PARAM, "reading", name);
  if (d->type == HEURISTICS && name == 202 && type == TYPE_DESCRIPTOR) {
    *there = 2;
    /* One less than announced: a caller has to look. */
    for (int64_t i = 0; i < count; i++) {
      Descriptor* engine = ((Descriptor**)values)[i];
      if (engine->magic != MAGIC || engine->type != ENGINE) return fail(BAD_PARAM, "engine", 0);
      engine->complete = i == 0;
      *there = 1;
    }
    return SUCCESS;
  }
  if (d->type == PLAN && name == 402 && type == TYPE_INT64 && count == 1) {
    *(int64_t*)values = 512;
    *there = 1;
    return SUCCESS;
  }
  return fail(BAD_PARAM, "attribute", name);
}

int cudnnBackendExecute(void* handle, const Descriptor* plan, const Descriptor* pack) {
  if (handle != &the_handle || plan->type != PLAN || pack->type != PACK || !pack->complete)
    return fail(BAD_PARAM, "execution", 0);
  if (the_stream != (void*)0x77) return fail(BAD_PARAM, "stream", 0);
  const Attribute* ids = find(pack, 1000);
  const Attribute* addresses = find(pack, 1001);
  if (ids->count != TENSORS || addresses->count != TENSORS || find(pack, 1003)->values[0] == 0)
    return fail(BAD_PARAM, "tensors", (int)ids->count);
  for (int i = 0; i < TENSORS; i++) {
    /* The scale is a number in host memory. */
    if (ids->values[i] == 5 && fabsf(*(const float*)(intptr_t)addresses->values[i] - 0.125f) > 1e-6f)
      return fail(BAD_PARAM, "scale", 0);
  }
  return SUCCESS;
}
