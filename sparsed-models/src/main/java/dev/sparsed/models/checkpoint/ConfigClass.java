package dev.sparsed.models.checkpoint;

/**
 * A model class whose configuration is read here.
 *
 * @param architecture the published class's name
 * @param modelType its {@code model_type}, in lower case
 * @param rules what its fields are to us
 * @param reader reads the fields
 */
record ConfigClass(String architecture, String modelType, FieldRules rules, Reader reader) {
  /** Reads the fields of a configuration, noting everything wrong with them. */
  interface Reader {
    /** The configuration; what stands in it after a refusal is of no use. */
    ModelConfig read(ConfigFields fields, MaskToken.Sources mask);
  }
}
