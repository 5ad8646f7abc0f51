package dev.sparsed.cpu;

import dev.sparsed.internal.JavaCpp;
import java.io.File;
import java.io.IOException;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.ByPtr;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Const;
import org.bytedeco.javacpp.annotation.MemberSetter;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.Platform;
import org.jspecify.annotations.Nullable;

/**
 * The C interface of {@code sparsed_cpu.h}, as JavaCPP binds it. Nothing is checked here: callers
 * go through {@link CpuAttention} and {@link CpuProduct}. Members have the names of the header's,
 * as Java writes names.
 */
@Platform(include = "sparsed_cpu.h", library = "jnisparsed_cpu")
final class NativeKernels {

  private NativeKernels() {}

  /**
   * Loads the library, or throws what JavaCPP's loader throws.
   *
   * @throws IllegalStateException if there is no safe folder to unpack it to
   */
  static void load() {
    JavaCpp.prepare(Loader::getCacheDir);
    Loader.load(NativeKernels.class);
  }

  /**
   * The library's file, which is loaded.
   *
   * @throws IOException if the loader cannot say where it is
   */
  static File file() throws IOException {
    String path = Loader.load(NativeKernels.class);
    if (path == null) {
      throw new IOException("the loader does not say where the kernel library lies");
    }
    return new File(path);
  }

  @Name("sparsed_cpu_levels")
  static native int levels();

  @Name("sparsed_cpu_emulated")
  static native int emulated();

  @Name("sparsed_cpu_attention")
  static native int attention(@Const @ByPtr Attention call);

  @Name("sparsed_cpu_product")
  static native int product(@Const @ByPtr Product call);

  @Name("sparsed_cpu_pack")
  static native void pack(
      @Cast("const void*") long rows,
      long rowBytes,
      int rowCount,
      int unitBytes,
      int units,
      int from,
      int to,
      @Cast("void*") long panels);

  @Name("sparsed_cpu_set_processors")
  static native void setProcessors(int count);

  @Name("sparsed_cpu_peak")
  static native double peak(int level, int elementType, int threads, double seconds);

  @Name("sparsed_cpu_release_memory")
  static native void releaseMemory();

  @Name("sparsed_cpu_variable")
  static native @Nullable String variable(String name);

  @Name("sparsed_cpu_set_variable")
  static native int setVariable(String name, String value);

  @Name("sparsed_cpu_is_loaded")
  static native int isLoaded(String name);

  /** The struct {@code SparsedAttention}. Addresses are those of the first element. */
  @Name("SparsedAttention")
  static final class Attention extends Pointer {

    /** Allocates the struct; all fields must be set. */
    Attention() {
      super((Pointer) null);
      allocate();
    }

    private native void allocate();

    @MemberSetter
    native void level(int value);

    @MemberSetter
    @Name("element_type")
    native void elementType(int value);

    @MemberSetter
    native void threads(int value);

    @MemberSetter
    native void batch(int value);

    @MemberSetter
    native void heads(int value);

    @MemberSetter
    @Name("kv_heads")
    native void kvHeads(int value);

    @MemberSetter
    @Name("query_length")
    native void queryLength(int value);

    @MemberSetter
    @Name("key_length")
    native void keyLength(int value);

    @MemberSetter
    @Name("head_dimension")
    native void headDimension(int value);

    @MemberSetter
    @Name("query_block")
    native void queryBlock(int value);

    @MemberSetter
    @Name("key_block")
    native void keyBlock(int value);

    @MemberSetter
    native void scale(float value);

    @MemberSetter
    native void query(@Cast("const void*") long address);

    @MemberSetter
    @Name("query_batch_stride")
    native void queryBatchStride(long value);

    @MemberSetter
    @Name("query_head_stride")
    native void queryHeadStride(long value);

    @MemberSetter
    @Name("query_token_stride")
    native void queryTokenStride(long value);

    @MemberSetter
    native void key(@Cast("const void*") long address);

    @MemberSetter
    @Name("key_batch_stride")
    native void keyBatchStride(long value);

    @MemberSetter
    @Name("key_head_stride")
    native void keyHeadStride(long value);

    @MemberSetter
    @Name("key_token_stride")
    native void keyTokenStride(long value);

    @MemberSetter
    native void value(@Cast("const void*") long address);

    @MemberSetter
    @Name("value_batch_stride")
    native void valueBatchStride(long value);

    @MemberSetter
    @Name("value_head_stride")
    native void valueHeadStride(long value);

    @MemberSetter
    @Name("value_token_stride")
    native void valueTokenStride(long value);

    @MemberSetter
    native void output(@Cast("void*") long address);

    @MemberSetter
    @Name("output_batch_stride")
    native void outputBatchStride(long value);

    @MemberSetter
    @Name("output_head_stride")
    native void outputHeadStride(long value);

    @MemberSetter
    @Name("output_token_stride")
    native void outputTokenStride(long value);

    @MemberSetter
    native void pattern(@Cast("const uint64_t*") long address);

    @MemberSetter
    @Name("log_sum_exp")
    native void logSumExp(@Cast("float*") long address);

    @MemberSetter
    native void scores(@Cast("float*") long address);

    @MemberSetter
    @Name("generation_scores")
    native void generationScores(@Cast("float*") long address);

    @MemberSetter
    @Name("first_generation_block")
    native void firstGenerationBlock(int value);
  }

  /** The struct {@code SparsedProduct}. Addresses are those of the first element. */
  @Name("SparsedProduct")
  static final class Product extends Pointer {

    /** Allocates the struct; all fields must be set. */
    Product() {
      super((Pointer) null);
      allocate();
    }

    private native void allocate();

    @MemberSetter
    native void level(int value);

    @MemberSetter
    @Name("element_type")
    native void elementType(int value);

    @MemberSetter
    @Name("weight_format")
    native void weightFormat(int value);

    @MemberSetter
    native void threads(int value);

    @MemberSetter
    native void rows(int value);

    @MemberSetter
    native void inputs(int value);

    @MemberSetter
    native void outputs(int value);

    @MemberSetter
    native void left(@Cast("const void*") long address);

    @MemberSetter
    @Name("left_stride")
    native void leftStride(long value);

    @MemberSetter
    native void weights(@Cast("const void*") long address);

    @MemberSetter
    @Name("weight_stride")
    native void weightStride(long value);

    @MemberSetter
    native void scales(@Cast("const uint16_t*") long address);

    @MemberSetter
    native void bias(@Cast("const void*") long address);

    @MemberSetter
    native void output(@Cast("void*") long address);

    @MemberSetter
    @Name("output_stride")
    native void outputStride(long value);
  }
}
