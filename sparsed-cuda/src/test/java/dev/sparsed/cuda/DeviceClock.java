package dev.sparsed.cuda;

import static org.bytedeco.cuda.global.cudart.CUDA_SUCCESS;
import static org.bytedeco.cuda.global.cudart.CU_EVENT_DEFAULT;
import static org.bytedeco.cuda.global.cudart.cuEventCreate;
import static org.bytedeco.cuda.global.cudart.cuEventElapsedTime;
import static org.bytedeco.cuda.global.cudart.cuEventRecord;
import static org.bytedeco.cuda.global.cudart.cuEventSynchronize;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;

/**
 * Times work on the default stream by the device's events, as benchmark.py does for PyTorch: many
 * calls between two events, so that the device works on one while the host queues the next.
 */
final class DeviceClock {

  private static final double SAMPLE_MILLISECONDS = 20;
  private static final double MILLISECONDS = 50;
  private static final int MOST_CALLS = 100;

  private final DriverApi driver;
  private final CUevent_st start = new CUevent_st();
  private final CUevent_st end = new CUevent_st();
  private final CUstream_st stream = new CUstream_st();

  DeviceClock(DriverApi driver) {
    this.driver = driver;
    driver.inContext(
        () -> {
          check(cuEventCreate(start, CU_EVENT_DEFAULT));
          check(cuEventCreate(end, CU_EVENT_DEFAULT));
        });
  }

  /** Milliseconds of a call: the median of samples, after two calls that do not count. */
  double milliseconds(Runnable call) {
    sample(call, 1);
    int calls = callsPerSample(sample(call, 1));
    List<Double> times = new ArrayList<>();
    for (double sum = 0; sum < MILLISECONDS; ) {
      double time = sample(call, calls);
      times.add(time / calls);
      sum += time;
    }
    Collections.sort(times);
    return times.get(times.size() / 2);
  }

  /** How many calls of this length are timed together. */
  static int callsPerSample(double milliseconds) {
    return (int) Math.max(1, Math.min(MOST_CALLS, Math.ceil(SAMPLE_MILLISECONDS / milliseconds)));
  }

  private double sample(Runnable call, int calls) {
    float[] elapsed = new float[1];
    driver.inContext(
        () -> {
          check(cuEventRecord(start, stream));
          for (int i = 0; i < calls; i++) {
            call.run();
          }
          check(cuEventRecord(end, stream));
          check(cuEventSynchronize(end));
          check(cuEventElapsedTime(elapsed, start, end));
        });
    return elapsed[0];
  }

  private static void check(int status) {
    if (status != CUDA_SUCCESS) {
      throw new CudaException("timing by events failed: CUDA error " + status);
    }
  }
}
