package dev.sparsed.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** How the benchmark's clock divides its time. */
final class DeviceClockTest {

  @Test
  void shortCallsAreTimedTogether() {
    assertEquals(10, DeviceClock.callsPerSample(2));
    assertEquals(1, DeviceClock.callsPerSample(300));
    assertEquals(100, DeviceClock.callsPerSample(0.01));
    assertEquals(100, DeviceClock.callsPerSample(0), "below the clock's resolution");
  }
}
