package dev.sparsed.cuda;

import static org.bytedeco.cuda.global.nvrtc.NVRTC_SUCCESS;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import dev.sparsed.internal.JavaCpp;
import java.util.List;
import java.util.Optional;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;

/** NVIDIA's run-time compiler, through Bytedeco's presets. */
final class NvrtcCompiler implements KernelCompiler {

  static {
    JavaCpp.prepare(Loader::getCacheDir);
  }

  @Override
  public Optional<String> version() {
    try {
      int[] major = new int[1];
      int[] minor = new int[1];
      return nvrtcVersion(major, minor) == NVRTC_SUCCESS
          ? Optional.of(major[0] + "." + minor[0])
          : Optional.empty();
    } catch (LinkageError e) {
      return Optional.empty();
    }
  }

  @Override
  public byte[] compile(String name, String source, List<String> options) {
    if (version().isEmpty()) {
      throw new CudaException(
          "this jar has no machine code of "
              + name
              + " for this device, and NVRTC, which would compile it, is not found; install the"
              + " CUDA 13 toolkit or add org.bytedeco:cuda-redist to the class path");
    }
    _nvrtcProgram program = new _nvrtcProgram();
    try (BytePointer text = new BytePointer(source);
        BytePointer fileName = new BytePointer(name + ".cu");
        PointerPointer<BytePointer> arguments =
            new PointerPointer<>(options.toArray(String[]::new))) {
      check(
          nvrtcCreateProgram(
              program, text, fileName, 0, (PointerPointer<?>) null, (PointerPointer<?>) null),
          name);
      try {
        int status = nvrtcCompileProgram(program, options.size(), arguments);
        if (status != NVRTC_SUCCESS) {
          throw new CudaException(
              "compiling "
                  + name
                  + " with "
                  + options
                  + " failed: "
                  + error(status)
                  + "\n"
                  + log(program));
        }
        return machineCode(program, name);
      } finally {
        nvrtcDestroyProgram(program);
      }
    }
  }

  private static byte[] machineCode(_nvrtcProgram program, String name) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      check(nvrtcGetCUBINSize(program, size), name);
      byte[] code = new byte[(int) size.get()];
      check(nvrtcGetCUBIN(program, code), name);
      return code;
    }
  }

  private static String log(_nvrtcProgram program) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      if (nvrtcGetProgramLogSize(program, size) != NVRTC_SUCCESS || size.get() <= 1) {
        return "";
      }
      try (BytePointer text = new BytePointer(size.get())) {
        return nvrtcGetProgramLog(program, text) == NVRTC_SUCCESS ? text.getString() : "";
      }
    }
  }

  private static void check(int status, String name) {
    if (status != NVRTC_SUCCESS) {
      throw new CudaException("compiling " + name + " failed: " + error(status));
    }
  }

  private static String error(int status) {
    BytePointer text = nvrtcGetErrorString(status);
    return text == null ? "NVRTC error " + status : text.getString();
  }
}
