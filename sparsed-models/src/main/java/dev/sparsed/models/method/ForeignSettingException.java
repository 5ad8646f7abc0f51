package dev.sparsed.models.method;

import java.io.Serial;

/**
 * A setting was given that the model's family has no use for. The message begins with the setting's
 * name.
 */
public final class ForeignSettingException extends IllegalArgumentException {

  @Serial private static final long serialVersionUID = 1L;

  /**
   * Says which.
   *
   * @param setting its name in options
   * @param family the family's name
   */
  public ForeignSettingException(String setting, String family) {
    super(setting + " has no meaning for a " + family + " model; leave it away");
  }
}
