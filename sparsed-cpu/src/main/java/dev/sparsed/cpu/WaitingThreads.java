package dev.sparsed.cpu;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How the threads of LibTorch's OpenMP and of OpenBLAS wait for work. By default they spin, on the
 * cores that these kernels and each other need. Both libraries read the process's environment once,
 * when they are loaded.
 */
public final class WaitingThreads {

  /** Name of the environment variable that OpenMP's threads heed. */
  public static final String OPENMP_VARIABLE = "OMP_WAIT_POLICY";

  /** Name of the environment variable that OpenBLAS's threads heed: two to its power turns. */
  public static final String OPENBLAS_VARIABLE = "OPENBLAS_THREAD_TIMEOUT";

  private static final ImmutableList<Policy> POLICIES =
      ImmutableList.of(
          new Policy(
              OPENMP_VARIABLE,
              "passive",
              // The others say the same more finely.
              ImmutableList.of("GOMP_SPINCOUNT", "KMP_BLOCKTIME"),
              ImmutableList.of("libgomp", "libomp", "libiomp5")),
          new Policy(OPENBLAS_VARIABLE, "4", ImmutableList.of(), ImmutableList.of("libopenblas")));

  private WaitingThreads() {}

  /**
   * Lets them sleep while they wait, unless the environment already says how they wait. To be
   * called before LibTorch is loaded. Nothing is done where the kernels are not available: LibTorch
   * then computes attention, and its own is up to five times slower with sleeping threads.
   *
   * @return what came too late, and what to do; empty if there is nothing to say
   */
  public static Optional<String> letSleep() {
    if (!CpuKernels.isAvailable()) {
      return Optional.empty();
    }
    List<String> late = new ArrayList<>();
    for (Policy policy : POLICIES) {
      if (!policy.isDecided() && !policy.decide()) {
        late.add(policy.variable + "=" + policy.value);
      }
    }
    return late.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "LibTorch was loaded before sparsed, so that its waiting threads spin on the cores that"
                + " others need, which costs 13 to 70 % of a step's time on two cores; start the"
                + " program with "
                + String.join(" and ", late)
                + " in its environment, or load sparsed's model first");
  }

  /**
   * A variable of the environment as native libraries find it, what {@link #letSleep} has set
   * included, which {@link System#getenv} does not know.
   *
   * @param name name of the variable
   * @return its value, if it has one
   */
  public static Optional<String> variable(String name) {
    return Optional.ofNullable(
        CpuKernels.isAvailable() ? NativeKernels.variable(name) : System.getenv(name));
  }

  /**
   * What one library heeds.
   *
   * @param variable the variable to set
   * @param value the value that lets threads sleep
   * @param alternatives other variables that decide the same
   * @param libraries names of the libraries that heed it
   */
  private record Policy(
      String variable,
      String value,
      ImmutableList<String> alternatives,
      ImmutableList<String> libraries) {

    boolean isDecided() {
      return WaitingThreads.variable(variable).isPresent()
          || alternatives.stream().anyMatch(name -> WaitingThreads.variable(name).isPresent());
    }

    /** Sets the variable, unless that comes too late. */
    boolean decide() {
      if (libraries.stream().anyMatch(library -> NativeKernels.isLoaded(library) != 0)) {
        return false;
      }
      return NativeKernels.setVariable(variable, value) != 0;
    }
  }
}
