package dev.sparsed.cli.hub;

import java.io.IOException;

/** The hub refused, or what it gave cannot be used. Trying again at once does not help. */
public final class HubException extends IOException {

  private static final long serialVersionUID = 1;

  HubException(String message) {
    super(message);
  }
}
