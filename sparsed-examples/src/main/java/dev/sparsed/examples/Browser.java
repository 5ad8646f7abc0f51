package dev.sparsed.examples;

import java.awt.Desktop;
import java.awt.GraphicsEnvironment;
import java.io.IOException;
import java.nio.file.Path;

/** The user's browser, where there is one to open. */
final class Browser {

  private Browser() {}

  /** Opens a page; false where there is no display or no browser. */
  static boolean open(Path page) {
    if (GraphicsEnvironment.isHeadless()
        || !Desktop.isDesktopSupported()
        || !Desktop.getDesktop().isSupported(Desktop.Action.BROWSE)) {
      return false;
    }
    try {
      Desktop.getDesktop().browse(page.toUri());
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
