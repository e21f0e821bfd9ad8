/* SPDX-License-Identifier: Apache-2.0 */
package dev.millrace.delivery.processing;

import java.util.ArrayList;
import java.util.List;

/** One step of processing. The same items give the same items, in order. */
sealed interface Stage {

    /** A stage that looks at each item by itself. */
    @FunctionalInterface
    non-sealed interface Each extends Stage {
        /** What it becomes: any number of items. */
        List<Item> apply(Item.Live item);
    }

    /** A stage that is better asked for many items at once. */
    @FunctionalInterface
    non-sealed interface Many extends Stage {
        /** What each of them becomes, in the same order. */
        List<List<Item>> apply(List<Item.Live> items);
    }

    /** The items after this stage; those that failed before pass. */
    static List<Item> run(Stage stage, List<Item> items) {
        List<Item> after = new ArrayList<>(items.size());
        switch (stage) {
            case Each each -> {
                for (Item item : items) {
                    switch (item) {
                        case Item.Live live -> after.addAll(guarded(each, live));
                        case Item.Failed failed -> after.add(failed);
                    }
                }
            }
            case Many many -> {
                List<Item.Live> live = new ArrayList<>();
                for (Item item : items) {
                    if (item instanceof Item.Live one) {
                        live.add(one);
                    }
                }
                var results = many.apply(live).iterator();
                for (Item item : items) {
                    switch (item) {
                        case Item.Live _ -> after.addAll(results.next());
                        case Item.Failed failed -> after.add(failed);
                    }
                }
            }
        }
        return after;
    }

    /** What a record does to a stage that nobody thought of must not stop all others. */
    private static List<Item> guarded(Each stage, Item.Live item) {
        try {
            return stage.apply(item);
        } catch (RuntimeException | StackOverflowError e) {
            return List.of(
                    item.failed(Processors.FAILED, "Processing.InternalError", e.toString()));
        }
    }
}
