/**
 * What a family of models is: one folder for each, behind one interface.
 *
 * <p>A {@link dev.sparsed.models.family.ModelFamily} reads a {@code config.json} into an {@link
 * dev.sparsed.models.family.Architecture}, which is all that the layers are told, names the stored
 * tensors, and says how its models decode unless a caller says otherwise. Families are found by
 * {@link java.util.ServiceLoader}, so that a jar on the class path adds one; those that come along
 * lie in folders of their own here, and nothing outside these folders knows them.
 */
@NullMarked
package dev.sparsed.models.family;

import org.jspecify.annotations.NullMarked;
