package dev.sparsed.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PullCommandTest {

  @Test
  void whatIsNoRepositoryIsRefusedBeforeAnybodyIsAsked() {
    Invocation invocation = Invocation.of("pull", "just-a-name");
    assertEquals(2, invocation.exitCode());
    assertTrue(invocation.err().contains("no repository such as"), invocation.err());
    assertEquals("", invocation.out());
  }

  @Test
  void theRepositoryMustBeNamed() {
    Invocation invocation = Invocation.of("pull");
    assertEquals(2, invocation.exitCode());
    assertTrue(invocation.err().contains("OWNER/NAME"), invocation.err());
  }
}
