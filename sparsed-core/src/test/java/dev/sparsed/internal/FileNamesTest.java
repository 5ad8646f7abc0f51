package dev.sparsed.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "names are characters there")
class FileNamesTest {

  @Test
  void relativeNamesLeadNowhereFromAFolderWhoseNameIsMisread() {
    assertEquals(Optional.empty(), FileNames.astray("/home/julia"));
    String why = FileNames.astray("/home/j\uFFFDrgen").orElseThrow();
    assertTrue(why.startsWith("the name of the working folder is misread: "), why);
  }

  @Test
  void absoluteNamesAndThoseInAFolderThatIsReadLeadWhereTheySay() {
    assertEquals(Optional.empty(), FileNames.astray(Path.of("/model")));
    assertEquals(Optional.empty(), FileNames.astray(Path.of("model")));
  }
}
