package dev.sparsed.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "other variables")
class UserFoldersTest {

  private static UserFolders folders(String passwordFile, Map<String, String> environment) {
    return new UserFolders(environment, name -> name.equals("user.home") ? passwordFile : null);
  }

  @Test
  void followsTheEnvironmentBeforeThePasswordFile() {
    UserFolders folders = folders("/password", Map.of("HOME", "/environment"));
    assertEquals(Optional.of(Path.of("/environment")), folders.home());
    assertEquals(Optional.of(Path.of("/environment/.cache")), folders.cache());
    assertEquals(Optional.of(Path.of("/password")), folders("/password", Map.of()).home());
    assertEquals(
        Optional.of(Path.of("/password")), folders("/password", Map.of("HOME", "")).home());
  }

  @Test
  void hasNoHomeForAUserWhomNobodyKnows() {
    assertEquals(Optional.empty(), folders("?", Map.of()).home());
    assertEquals(Optional.empty(), folders("?", Map.of()).cache());
  }

  @Test
  void takesTheCacheFolderOfTheEnvironment() {
    assertEquals(
        Optional.of(Path.of("/cache")),
        folders("/password", Map.of("XDG_CACHE_HOME", "/cache")).cache());
    assertEquals(
        Optional.of(Path.of("/password/.cache")),
        folders("/password", Map.of("XDG_CACHE_HOME", "relative")).cache());
  }

  @Test
  void saysWhyThereIsNoCache() {
    assertEquals("this user has no home folder", folders("?", Map.of()).whyNoCache());
    String nameless = folders("/a\0b", Map.of()).whyNoCache();
    assertTrue(nameless.contains("a name that no file can have"), nameless);
    String garbled = folders("/password", Map.of("HOME", "/home/j\uFFFDrgen")).whyNoCache();
    assertTrue(garbled.contains("home folder is misread"), garbled);
  }

  @Test
  void passesOverNamesThatAreNone() {
    assertEquals(Optional.empty(), folders("/a\0b", Map.of()).home());
  }
}
