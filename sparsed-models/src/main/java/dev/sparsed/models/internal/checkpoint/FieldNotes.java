package dev.sparsed.models.internal.checkpoint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is noted while a configuration is read.
 *
 * @param problems everything for which it is refused
 * @param warnings what is worth saying of it
 * @param conflicts contradictions to other files
 * @param read fields that were asked for
 * @param harmless fields that change nothing about what the model computes
 * @param otherNames names that other families have for a field, with that field
 */
record FieldNotes(
    List<String> problems,
    Set<String> warnings,
    Set<String> conflicts,
    Set<String> read,
    Set<String> harmless,
    Map<String, String> otherNames) {

  FieldNotes() {
    this(
        new ArrayList<>(),
        new LinkedHashSet<>(),
        new LinkedHashSet<>(),
        new HashSet<>(),
        new HashSet<>(),
        new HashMap<>());
  }

  /**
   * Notes of a second reading, which adds to the fields that were asked for and to nothing else.
   */
  FieldNotes ofReadingOnly() {
    return new FieldNotes(
        new ArrayList<>(),
        new LinkedHashSet<>(),
        new LinkedHashSet<>(),
        read,
        harmless,
        new HashMap<>());
  }

  /** Notes of an object within, whose fields are others. */
  FieldNotes within() {
    return new FieldNotes(
        problems, warnings, conflicts, new HashSet<>(), new HashSet<>(), new HashMap<>());
  }
}
