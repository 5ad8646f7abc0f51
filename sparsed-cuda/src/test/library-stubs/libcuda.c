/* Stands in for the CUDA driver on machines that have none, so that the bindings of NVRTC, which ask
   for it though they never call it, can be loaded in a test. Like a driver without a device. */
enum { NO_DEVICE = 100, INVALID_VALUE = 1, SUCCESS = 0 };

int cuInit(unsigned flags) {
  (void)flags;
  return NO_DEVICE;
}

int cuGetErrorName(int error, const char** name) {
  *name = "CUDA_ERROR_NO_DEVICE";
  return error == NO_DEVICE ? SUCCESS : INVALID_VALUE;
}

int cuGetErrorString(int error, const char** text) {
  *text = "no CUDA-capable device is detected";
  return error == NO_DEVICE ? SUCCESS : INVALID_VALUE;
}
