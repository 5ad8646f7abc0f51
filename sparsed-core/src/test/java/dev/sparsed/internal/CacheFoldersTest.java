package dev.sparsed.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(value = OS.WINDOWS, disabledReason = "owners and modes are POSIX's")
class CacheFoldersTest {

  private static final int STRANGER = 54321;

  @TempDir private Path home = Path.of("");
  private Path cache = Path.of("");

  @BeforeEach
  void makeCache() throws IOException {
    cache = Files.createDirectory(home.resolve("cache"));
    modes(cache, "rwx------");
  }

  @AfterEach
  void clearUp() {
    TemporaryFolders.deleteAll();
  }

  private static void modes(Path path, String modes) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(modes));
  }

  private static String modes(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void giveAway(Path path) throws IOException {
    boolean root = (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
    assumeTrue(root, "only root can give files to another user");
    Files.setAttribute(path, "unix:uid", STRANGER, java.nio.file.LinkOption.NOFOLLOW_LINKS);
  }

  private UserFolders user() {
    return new UserFolders(Map.of("XDG_CACHE_HOME", cache.toString()), name -> null);
  }

  private static UserFolders nobody() {
    return new UserFolders(Map.of(), name -> null);
  }

  private CacheFolders.Choice choose() throws IOException {
    return CacheFolders.choose(null, user());
  }

  private void assertUsed(CacheFolders.Choice choice) throws IOException {
    assertEquals(Optional.empty(), choice.notice());
    assertEquals(cache.resolve("sparsed"), choice.folder());
    assertEquals("rwx------", modes(choice.folder()));
  }

  private void assertRefused(CacheFolders.Choice choice, Path because) throws IOException {
    String notice = choice.notice().orElseThrow();
    assertTrue(notice.contains(because + " "), notice);
    assertTrue(notice.contains("-D" + CacheFolders.PROPERTY), notice);
    assertNotEquals(cache.resolve("sparsed"), choice.folder());
    assertEquals("rwx------", modes(choice.folder()));
    TemporaryFolders.deleteAll();
    assertFalse(Files.exists(choice.folder()));
  }

  @Test
  void makesAFolderForTheUserAlone() throws IOException {
    Files.delete(cache);
    assertUsed(choose());
    assertEquals("rwx------", modes(cache));
    assertUsed(choose());
  }

  @Test
  void takesAFolderThatWasThereAndClosesIt() throws IOException {
    Path folder = Files.createDirectory(cache.resolve("sparsed"));
    modes(folder, "rwxr-xr-x");
    modes(Files.createFile(folder.resolve("library.so")), "rw-r--r--");
    assertUsed(choose());
  }

  @Test
  void refusesAFolderThatOthersCanWriteTo() throws IOException {
    Path folder = Files.createDirectory(cache.resolve("sparsed"));
    for (String open : new String[] {"rwxrwx---", "rwxr-xrwx"}) {
      modes(folder, open);
      assertRefused(choose(), folder);
    }
  }

  @Test
  void refusesAStickyFolderToo() throws IOException {
    Path folder = Files.createDirectory(cache.resolve("sparsed"));
    Files.setAttribute(folder, "unix:mode", 01777);
    assertRefused(choose(), folder);
  }

  @Test
  void refusesWhatLiesInAFolderThatOthersCanWriteTo() throws IOException {
    modes(cache, "rwxrwxr-x");
    assertRefused(choose(), cache);
    assertFalse(Files.exists(cache.resolve("sparsed")), "made before it was judged");
  }

  @Test
  void takesWhatLiesInAStickyFolder() throws IOException {
    Files.setAttribute(cache, "unix:mode", 01777);
    assertUsed(choose());
  }

  @Test
  void refusesFilesInsideThatOthersCouldHaveWritten() throws IOException {
    Path folder = Files.createDirectory(cache.resolve("sparsed"));
    modes(folder, "rwxr-xr-x");
    Path inner = Files.createDirectory(folder.resolve("javacpp"));
    modes(inner, "rwxrwxrwx");
    assertRefused(choose(), inner);
  }

  @Test
  void takesOpenFilesInsideAClosedFolder() throws IOException {
    Path folder = Files.createDirectory(cache.resolve("sparsed"));
    modes(folder, "rwx------");
    modes(Files.createDirectory(folder.resolve("javacpp")), "rwxrwxr-x");
    assertUsed(choose());
  }

  @Test
  void refusesFilesInsideThatAreAnothers() throws IOException {
    Path folder = Files.createDirectory(cache.resolve("sparsed"));
    modes(folder, "rwx------");
    Path inner = Files.createDirectory(folder.resolve("javacpp"));
    Path library = Files.createFile(inner.resolve("library.so"));
    giveAway(library);
    assertRefused(choose(), library);
  }

  @Test
  void refusesAFolderOfAnother() throws IOException {
    Path folder = Files.createDirectory(cache.resolve("sparsed"));
    giveAway(folder);
    assertRefused(choose(), folder);
  }

  @Test
  void refusesWhatLiesBelowAFolderOfAnother() throws IOException {
    Files.createDirectory(cache.resolve("sparsed"));
    giveAway(cache);
    assertRefused(choose(), cache);
  }

  @Test
  void followsLinksOfTheUser() throws IOException {
    Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
    modes(elsewhere, "rwx------");
    Files.createSymbolicLink(cache.resolve("sparsed"), Path.of("..", "elsewhere"));
    CacheFolders.Choice choice = choose();
    assertEquals(Optional.empty(), choice.notice());
    assertEquals(elsewhere.toRealPath(), choice.folder().toRealPath());
  }

  @Test
  void refusesALinkThroughAFolderThatOthersCanWriteTo() throws IOException {
    Path open = Files.createDirectory(home.resolve("open"));
    modes(open, "rwxrwxrwx");
    modes(Files.createDirectory(open.resolve("inner")), "rwx------");
    Files.createSymbolicLink(cache.resolve("sparsed"), open.resolve("inner"));
    assertRefused(choose(), open);
  }

  @Test
  void refusesALinkOfAnother() throws IOException {
    Path elsewhere = Files.createDirectory(home.resolve("elsewhere"));
    modes(elsewhere, "rwx------");
    Files.setAttribute(cache, "unix:mode", 01777);
    Path link = Files.createSymbolicLink(cache.resolve("sparsed"), elsewhere);
    giveAway(link);
    assertRefused(choose(), link);
  }

  @Test
  void refusesLinksThatLeadNowhere() throws IOException {
    Files.createSymbolicLink(cache.resolve("sparsed"), cache.resolve("sparsed"));
    assertTrue(choose().notice().isPresent());
  }

  @Test
  void takesAFolderOfThisProcessWhereThereIsNoHome() throws IOException {
    CacheFolders.Choice first = CacheFolders.choose(null, nobody());
    CacheFolders.Choice second = CacheFolders.choose(null, nobody());
    assertNotEquals(first.folder(), second.folder());
    assertEquals("rwx------", modes(first.folder()));
    assertTrue(first.notice().orElseThrow().contains("no home folder"), first::toString);
  }

  @Test
  void takesAFolderOfThisProcessWhereAFileIsInTheWay() throws IOException {
    Files.createFile(cache.resolve("sparsed"));
    assertTrue(choose().notice().orElseThrow().contains("cannot be used"));
  }

  @Test
  void leavesANamedFolderToTheUserAndWarns() throws IOException {
    Path named = home.resolve("named");
    CacheFolders.Choice choice = CacheFolders.choose(named.toString(), user());
    assertEquals(Optional.empty(), choice.notice());
    assertEquals(named, choice.folder());
    modes(named, "rwxrwxrwx");
    CacheFolders.Choice open = CacheFolders.choose(named.toString(), user());
    assertEquals(named, open.folder());
    assertTrue(open.notice().orElseThrow().contains("another user's"), open::toString);
    assertEquals("rwxrwxrwx", modes(named));
  }

  @Test
  void saysWhichNamedFolderCannotBeUsed() throws IOException {
    Path file = Files.createFile(home.resolve("file"));
    IOException failure =
        assertThrows(IOException.class, () -> CacheFolders.choose(file.toString(), user()));
    assertTrue(String.valueOf(failure.getMessage()).contains(file.toString()), failure::toString);
  }
}
