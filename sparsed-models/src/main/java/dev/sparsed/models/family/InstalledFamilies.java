package dev.sparsed.models.family;

import com.google.common.collect.ImmutableList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The families on the class path, one object each. */
final class InstalledFamilies {

  private static final Map<Class<?>, ModelFamily> KNOWN = new ConcurrentHashMap<>();

  private InstalledFamilies() {}

  /** Looked for anew each time, as a program may have added a jar; families that are there stay. */
  static List<ModelFamily> all() {
    try {
      // A container's context may know nothing of the library's own jar, and the other way round.
      List<ModelFamily> families =
          Stream.of(
                  ServiceLoader.load(ModelFamily.class, ModelFamily.class.getClassLoader()),
                  ServiceLoader.load(ModelFamily.class))
              .flatMap(ServiceLoader::stream)
              .map(found -> KNOWN.computeIfAbsent(found.type(), type -> found.get()))
              .distinct()
              .sorted(Comparator.comparing(ModelFamily::name))
              .collect(ImmutableList.toImmutableList());
      requireOneReader(families);
      return families;
    } catch (ServiceConfigurationError e) {
      throw new IllegalStateException(
          "a family of models that a jar announces cannot be used; correct its"
              + " META-INF/services/"
              + ModelFamily.class.getName()
              + " or take the jar away: "
              + e.getMessage(),
          e);
    }
  }

  private static void requireOneReader(List<ModelFamily> families) {
    Map<String, ModelFamily> readers = new HashMap<>();
    for (ModelFamily family : families) {
      for (String modelClass : family.modelClasses()) {
        ModelFamily other = readers.put(modelClass, family);
        if (other != null) {
          throw new IllegalStateException(
              "the model class "
                  + modelClass
                  + " is read by two families, "
                  + other.getClass().getName()
                  + " and "
                  + family.getClass().getName()
                  + "; take one of their jars away");
        }
      }
    }
  }
}
