package dev.sparsed.cpu.internal;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.ByPtr;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Const;
import org.bytedeco.javacpp.annotation.MemberSetter;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.Platform;

/**
 * The C interface of {@code sparsed_rows.h}, as JavaCPP binds it, in the library that {@link
 * dev.sparsed.cpu.CpuKernels} loads. Nothing is checked here: callers go through {@link CpuRows}.
 * Members have the names of the header's, as Java writes names.
 */
@Platform(include = "sparsed_rows.h", library = "jnisparsed_cpu")
final class NativeRows {

  private NativeRows() {}

  @Name("sparsed_cpu_norm")
  static native int norm(@Const @ByPtr Norm call);

  @Name("sparsed_cpu_rotate")
  static native int rotate(@Const @ByPtr Rotation call);

  /** The struct {@code SparsedNorm}. Addresses are those of the first element. */
  @Name("SparsedNorm")
  static final class Norm extends Pointer {

    /** Allocates the struct; all fields must be set. */
    Norm() {
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
    native void heads(int value);

    @MemberSetter
    native void tokens(int value);

    @MemberSetter
    native void width(int value);

    @MemberSetter
    native void epsilon(float value);

    @MemberSetter
    native void source(@Cast("void*") long address);

    @MemberSetter
    @Name("source_head_stride")
    native void sourceHeadStride(long value);

    @MemberSetter
    @Name("source_token_stride")
    native void sourceTokenStride(long value);

    @MemberSetter
    native void addend(@Cast("const void*") long address);

    @MemberSetter
    @Name("addend_head_stride")
    native void addendHeadStride(long value);

    @MemberSetter
    @Name("addend_token_stride")
    native void addendTokenStride(long value);

    @MemberSetter
    native void weight(@Cast("const void*") long address);

    @MemberSetter
    native void target(@Cast("void*") long address);

    @MemberSetter
    @Name("target_head_stride")
    native void targetHeadStride(long value);

    @MemberSetter
    @Name("target_token_stride")
    native void targetTokenStride(long value);
  }

  /** The struct {@code SparsedRotation}. Addresses are those of the first element. */
  @Name("SparsedRotation")
  static final class Rotation extends Pointer {

    /** Allocates the struct; all fields must be set. */
    Rotation() {
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
    @Name("table_type")
    native void tableType(int value);

    @MemberSetter
    native void threads(int value);

    @MemberSetter
    native void heads(int value);

    @MemberSetter
    native void tokens(int value);

    @MemberSetter
    native void width(int value);

    @MemberSetter
    native void pairs(int value);

    @MemberSetter
    native void source(@Cast("const void*") long address);

    @MemberSetter
    @Name("source_head_stride")
    native void sourceHeadStride(long value);

    @MemberSetter
    @Name("source_token_stride")
    native void sourceTokenStride(long value);

    @MemberSetter
    native void cosines(@Cast("const void*") long address);

    @MemberSetter
    native void sines(@Cast("const void*") long address);

    @MemberSetter
    @Name("cosine_stride")
    native void cosineStride(long value);

    @MemberSetter
    @Name("sine_stride")
    native void sineStride(long value);

    @MemberSetter
    native void target(@Cast("void*") long address);

    @MemberSetter
    @Name("target_head_stride")
    native void targetHeadStride(long value);

    @MemberSetter
    @Name("target_token_stride")
    native void targetTokenStride(long value);
  }
}
