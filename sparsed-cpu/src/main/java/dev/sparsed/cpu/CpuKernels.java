package dev.sparsed.cpu;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableList;
import com.google.common.hash.HashCode;
import com.google.common.hash.Hashing;
import com.google.common.io.Files;
import com.google.common.primitives.Ints;
import dev.sparsed.cpu.internal.KernelValues;
import dev.sparsed.tensor.ElementType;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The native kernel library: whether it is there, what it can use of this machine, how fast the
 * machine is.
 *
 * <p>System properties, read once; with a value that is none of these the kernels are not
 * available, and {@link #unavailableReason} says so:
 *
 * <ul>
 *   <li>{@code dev.sparsed.cpu.level}: the highest {@link InstructionSet} to use, in lower or upper
 *       case; all that the machine has by default
 *   <li>{@code dev.sparsed.cpu.threads}: threads per call where none are asked for; the number of
 *       processors by default
 * </ul>
 */
public final class CpuKernels {

  /** Name of the property with the highest instruction set to use. */
  public static final String LEVEL_PROPERTY = "dev.sparsed.cpu.level";

  /** Name of the property with the default number of threads. */
  public static final String THREADS_PROPERTY = "dev.sparsed.cpu.threads";

  private static final int FINGERPRINT_LENGTH = 16;

  private CpuKernels() {}

  /**
   * Whether the kernels can run here.
   *
   * @return false where the library was not built for this platform, is not on the class path or
   *     cannot be loaded
   */
  public static boolean isAvailable() {
    return Library.FAILURE == null;
  }

  /**
   * Why the kernels cannot run.
   *
   * @return what happened when the library was loaded; empty if {@link #isAvailable}
   */
  public static Optional<String> unavailableReason() {
    return Optional.ofNullable(Library.FAILURE);
  }

  /**
   * Instruction sets to use on this machine: those that the processor has and the operating system
   * allows, up to the one that {@link #LEVEL_PROPERTY} names.
   *
   * @return the levels in ascending order; empty if the kernels are not available
   */
  public static List<InstructionSet> instructionSets() {
    return Library.INSTRUCTION_SETS;
  }

  /**
   * The fastest instruction set to use on this machine.
   *
   * @return the last of {@link #instructionSets}
   * @throws IllegalStateException if the kernels are not available
   */
  public static InstructionSet fastest() {
    requireAvailable();
    return Library.INSTRUCTION_SETS.get(Library.INSTRUCTION_SETS.size() - 1);
  }

  /**
   * Threads per call where none are asked for.
   *
   * @return at least 1
   */
  public static int defaultThreads() {
    return Library.THREADS;
  }

  /**
   * Measures how many floating-point operations per second the machine can do at most with an
   * instruction set: its multiply-add loop over operands in registers and first-level cache.
   *
   * @param level an instruction set of {@link #instructionSets}
   * @param type the format of the operands
   * @param threads threads that compute at the same time, 1 to 1024
   * @param seconds how long to measure, more than 0 and at most 60
   * @return multiplications and additions per second over all threads
   * @throws IllegalArgumentException if an argument is out of its range, or there are no kernels
   *     for the type
   * @throws IllegalStateException if the kernels are not available
   */
  public static double peakFlops(
      InstructionSet level, ElementType type, int threads, double seconds) {
    requireUsable(level);
    KernelValues.requireThreads(threads);
    checkArgument(seconds > 0 && seconds <= 60, "seconds must be in (0, 60] but is %s", seconds);
    return NativeKernels.peak(
        KernelValues.code(level), AttentionParameters.code(type), threads, seconds);
  }

  /**
   * Gives back the scratch memory that earlier calls left for later ones and that no call is using.
   */
  public static void releaseMemory() {
    if (isAvailable()) {
      NativeKernels.releaseMemory();
      Workspace.releaseIdle();
    }
  }

  /** What tells the library's file from those of other builds. */
  static String fingerprint() {
    return LibraryFile.FINGERPRINT;
  }

  /** Whether this is the test build, whose upper levels run on emulated instructions. */
  static boolean isEmulated() {
    return isAvailable() && NativeKernels.emulated() != 0;
  }

  static void requireAvailable() {
    String failure = Library.FAILURE;
    if (failure != null) {
      throw new IllegalStateException("the CPU kernels are not available: " + failure);
    }
  }

  static void requireUsable(InstructionSet level) {
    requireAvailable();
    checkArgument(
        instructionSets().contains(level),
        "instruction set %s is not to be had here; there is %s",
        level,
        instructionSets());
  }

  /**
   * Checks what a native call returned.
   *
   * @throws OutOfMemoryError if there was no native memory for it
   */
  static void checkStatus(int status, InstructionSet level) {
    switch (status) {
      case 0 -> {}
      case 1 -> throw new OutOfMemoryError("no native memory for the kernels' packed operands");
      default ->
          throw new IllegalStateException("the kernel library refused instruction set " + level);
    }
  }

  /**
   * The highest level that a property asks for.
   *
   * @throws IllegalArgumentException if it names none
   */
  static InstructionSet highestWanted(@Nullable String property) {
    if (property == null) {
      return InstructionSet.AMX;
    }
    for (InstructionSet level : InstructionSet.values()) {
      if (level.name().equals(property.toUpperCase(Locale.ROOT))) {
        return level;
      }
    }
    throw new IllegalArgumentException(
        String.format(
            Locale.ROOT,
            "property %s must be one of %s but is %s",
            LEVEL_PROPERTY,
            Arrays.toString(InstructionSet.values()),
            property));
  }

  /**
   * The threads that a property asks for, else one per processor.
   *
   * @throws IllegalArgumentException if it is no number of threads
   */
  static int threadsWanted(@Nullable String property) {
    if (property == null) {
      return Math.min(KernelValues.MOST_THREADS, Runtime.getRuntime().availableProcessors());
    }
    Integer threads = Ints.tryParse(property);
    checkArgument(
        threads != null && threads >= 1 && threads <= KernelValues.MOST_THREADS,
        "property %s must be 1 to %s but is %s",
        THREADS_PROPERTY,
        KernelValues.MOST_THREADS,
        property);
    return threads;
  }

  /** Loads the library at first use; a property that is wrong is a reason not to. */
  private static final class Library {

    static final @Nullable String FAILURE = load();
    static final ImmutableList<InstructionSet> INSTRUCTION_SETS = instructionSets();
    static final int THREADS =
        threadsWanted(FAILURE == null ? System.getProperty(THREADS_PROPERTY) : null);

    private Library() {}

    private static @Nullable String load() {
      try {
        highestWanted(System.getProperty(LEVEL_PROPERTY));
        threadsWanted(System.getProperty(THREADS_PROPERTY));
      } catch (IllegalArgumentException e) {
        return e.getMessage();
      }
      try {
        NativeKernels.load();
        // Java knows of a container's share of the processors.
        NativeKernels.setProcessors(Runtime.getRuntime().availableProcessors());
        return null;
      } catch (LinkageError | RuntimeException e) {
        // Whatever keeps the loader from loading is a reason to compute elsewhere.
        return "no native library for this platform could be loaded (" + e + ")";
      }
    }

    private static ImmutableList<InstructionSet> instructionSets() {
      if (FAILURE != null) {
        return ImmutableList.of();
      }
      InstructionSet highest = highestWanted(System.getProperty(LEVEL_PROPERTY));
      int supported = NativeKernels.levels();
      return Arrays.stream(InstructionSet.values())
          .filter(level -> (supported >> KernelValues.code(level) & 1) != 0)
          .filter(level -> level.compareTo(highest) <= 0)
          .collect(ImmutableList.toImmutableList());
    }
  }

  /** The file is read only where somebody asks. */
  private static final class LibraryFile {

    static final String FINGERPRINT = fingerprint();

    private LibraryFile() {}

    private static String fingerprint() {
      if (!isAvailable()) {
        return "none";
      }
      try {
        HashCode hash = Files.asByteSource(NativeKernels.file()).hash(Hashing.sha256());
        return hash.toString().substring(0, FINGERPRINT_LENGTH);
      } catch (IOException e) {
        // It was loaded and is gone since; the library's version has to do.
        return "unknown";
      }
    }
  }
}
