package dev.sparsed.models;

import java.io.Serial;

/** A device that LibTorch does not see. */
public final class DeviceUnavailableException extends IllegalStateException {

  @Serial private static final long serialVersionUID = 1L;

  /**
   * Says which.
   *
   * @param message the device and what it needs
   */
  public DeviceUnavailableException(String message) {
    super(message);
  }
}
