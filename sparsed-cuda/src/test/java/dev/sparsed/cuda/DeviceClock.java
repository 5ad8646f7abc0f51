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

/** Times work on the default stream by the device's events, as benchmark.py does for PyTorch. */
final class DeviceClock {

  private static final int FEWEST_CALLS = 3;
  private static final double MILLISECONDS = 50;

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

  /** Median milliseconds of a call, after one that does not count. */
  double milliseconds(Runnable call) {
    once(call);
    List<Double> times = new ArrayList<>();
    double sum = 0;
    while (times.size() < FEWEST_CALLS || sum < MILLISECONDS) {
      double time = once(call);
      times.add(time);
      sum += time;
    }
    Collections.sort(times);
    return times.get(times.size() / 2);
  }

  private double once(Runnable call) {
    float[] elapsed = new float[1];
    driver.inContext(
        () -> {
          check(cuEventRecord(start, stream));
          call.run();
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
