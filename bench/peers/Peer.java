import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * The router's work as a Kafka Streams program.
 *
 * <p>Usage: Peer copy|route BOOTSTRAP APPLICATION-ID INPUT[,INPUT] LOG ORDERS-PREFIX RULES.json
 *
 * <p>`copy`: each record of the inputs to LOG as it is. `route`: decode, validate, classify by the
 * duty list, the report and its dispatch (or the queue's entry) to LOG, an order to each department's
 * topic. RULES.json is made by bench/peers/rules.py: the same words, weights and gate as the router's.
 *
 * <p>Left out, so in its favour: masking of texts, the evidence and candidates of a dispatch, limits
 * other than sizes and ids, dead letters, and that orders wait until the log is confirmed.
 */
public final class Peer {
    private static final String TARGET = "bench-target";

    public static void main(String[] args) throws Exception {
        String job = args[0];
        Properties config = new Properties();
        config.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[1]);
        config.put(StreamsConfig.APPLICATION_ID_CONFIG, args[2]);
        config.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("peer").toString());
        config.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
        config.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
        config.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        config.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
        config.put(StreamsConfig.producerPrefix("acks"), "all");
        config.put(StreamsConfig.producerPrefix("enable.idempotence"), "true");
        config.put(StreamsConfig.producerPrefix("linger.ms"), "5");
        config.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        StreamsBuilder builder = new StreamsBuilder();
        List<String> inputs = Arrays.asList(args[3].split(","));
        if (job.equals("copy")) {
            builder.<byte[], byte[]>stream(inputs).to(args[4]);
        } else {
            Rules rules = new Rules(new ObjectMapper().readTree(new File(args[6])));
            builder.<byte[], byte[]>stream(inputs)
                    .process(() -> new Route(rules, args[4], args[5]))
                    .to((key, value, context) -> target(context.headers()));
        }
        KafkaStreams streams = new KafkaStreams(builder.build(), config);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(3);
            return null;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        Thread.currentThread().join();
    }

    /** Where a record goes, said by a header that is taken off again before it is sent. */
    private static String target(Headers headers) {
        String name = new String(headers.lastHeader(TARGET).value(), StandardCharsets.UTF_8);
        headers.remove(TARGET);
        return name;
    }

    /** Validates, classifies and answers each report. */
    private static final class Route implements Processor<byte[], byte[], byte[], byte[]> {
        private final Rules rules;
        private final String log;
        private final String prefix;
        private final Avro avro;
        private ProcessorContext<byte[], byte[]> context;

        Route(Rules rules, String log, String prefix) {
            this.rules = rules;
            this.log = log;
            this.prefix = prefix;
            this.avro = new Avro(rules.raw.get("schemas"));
        }

        @Override
        public void init(ProcessorContext<byte[], byte[]> given) {
            context = given;
        }

        @Override
        public void process(Record<byte[], byte[]> record) {
            RecordMetadata place = context.recordMetadata().orElseThrow();
            GenericRecord report = avro.decode(record.value(), "hutong.issue.IssueReported");
            GenericRecord head = (GenericRecord) report.get("head");
            String id = validated(record, place, report, head);
            String area = rules.areaOf(text(head.get("area")), (GenericRecord) report.get("place"));
            long received = record.timestamp();
            String source = place.topic() + "/" + place.partition() + "/" + place.offset();
            forward(record, log, record.value(), "hutong.issue.IssueReported", "channel", source, received);
            Found found = rules.classify(
                    text(report.get("subject")), text(report.get("body")), text(report.get("channel")), area);
            if (found.unsure != null) {
                forward(record, log, queued(head, found, id, area, received),
                        "hutong.issue.IssueQueued", "router", source, received);
                return;
            }
            String dispatchId = derivedId(id, "IssueDispatched");
            GenericRecord dispatch = avro.make("hutong.issue.IssueDispatched");
            matter(dispatch, report, found);
            dispatch.put("head", avro.head(dispatch, head, dispatchId, id, area, received));
            dispatch.put("co_owners", found.coOwners);
            dispatch.put("confidence", found.confidence);
            dispatch.put("evidence", List.of());
            dispatch.put("pack", rules.pack);
            dispatch.put("model", "duty-list/2");
            forward(record, log, avro.encode(dispatch), "hutong.issue.IssueDispatched", "router", source, received);
            if (report.get("handled_on_the_spot") != null) {
                return;
            }
            List<String> owners = new ArrayList<>(List.of(found.lead));
            owners.addAll(found.coOwners);
            for (String owner : owners) {
                String orderId = derivedId(dispatchId, "order", owner);
                GenericRecord order = avro.make("hutong.orders.OrderIssued");
                matter(order, report, found);
                order.put("head", avro.head(order, head, orderId, dispatchId, area, received));
                order.put("order_id", orderId);
                order.put("department", owner);
                order.put("role", owner.equals(found.lead) ? "lead" : "co-owner");
                order.put("receipt", place.topic() + "-" + place.partition() + "-" + place.offset());
                order.put("channel", report.get("channel"));
                order.put("origin", "live");
                order.put("received_at", received);
                order.put("place", avro.copy(order, "place", report.get("place")));
                order.put("contact", report.get("contact"));
                order.put("media", report.get("media"));
                order.put("subject", report.get("subject"));
                order.put("body", report.get("body"));
                forward(record, prefix + owner, avro.encode(order), "hutong.orders.OrderIssued", "router",
                        source, received);
            }
        }

        private static String validated(
                Record<byte[], byte[]> record, RecordMetadata place, GenericRecord report, GenericRecord head) {
            String id = text(head.get("event_id"));
            String type = new String(record.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8);
            boolean good = type.equals("hutong.issue.IssueReported")
                    && id.equals(text(head.get("issue_id")))
                    && id.equals(new String(record.key(), StandardCharsets.UTF_8))
                    && place.topic().equals("reports-" + text(report.get("channel")))
                    && record.value().length < 1_000_000;
            if (!good) {
                throw new IllegalStateException("not a report that may be on " + place.topic());
            }
            return id;
        }

        private byte[] queued(GenericRecord head, Found found, String id, String area, long received) {
            GenericRecord queued = avro.make("hutong.issue.IssueQueued");
            queued.put("head", avro.head(queued, head, derivedId(id, "IssueQueued"), id, area, received));
            queued.put("reason", found.unsure);
            queued.put("candidates", List.of());
            queued.put("confidence", found.confidence);
            queued.put("pack", rules.pack);
            queued.put("model", "duty-list/2");
            queued.put("text", "");
            return avro.encode(queued);
        }

        private void matter(GenericRecord into, GenericRecord report, Found found) {
            into.put("item", found.item.code);
            into.put("category", found.item.category);
            into.put("kind", found.kind);
            into.put("intent", report.get("intent") != null ? report.get("intent") : found.intent);
            into.put("tier", found.tier);
            into.put("lead", found.lead);
            List<GenericRecord> clocks = new ArrayList<>();
            Schema element = into.getSchema().getField("clocks").schema().getElementType();
            for (JsonNode length : rules.raw.get("clocks").get(found.tier + " " + found.item.code)) {
                GenericRecord clock = new GenericData.Record(element);
                clock.put("clock", length.get("clock").asText());
                clock.put("minutes", length.get("minutes").asInt());
                clock.put("calendar", length.get("calendar").asText());
                clocks.add(clock);
            }
            into.put("clocks", clocks);
            into.put("hop", 1);
        }

        private void forward(Record<byte[], byte[]> record, String topic, byte[] value, String type,
                String principal, String source, long received) {
            Headers headers = new RecordHeaders();
            headers.add(TARGET, bytes(topic));
            headers.add("ce_type", bytes(type));
            headers.add("principal", bytes(principal));
            headers.add("received", bytes(Long.toString(received)));
            headers.add("source", bytes(source));
            headers.add("rules", bytes("1"));
            headers.add("origin", bytes("live"));
            context.forward(new Record<>(record.key(), value, received, headers));
        }
    }

    /** The contract's schemas, framed as 0x00, four bytes of id, body. */
    private static final class Avro {
        private final Map<String, Schema> schemas = new HashMap<>();
        private final Map<String, Integer> ids = new HashMap<>();
        private final Map<String, GenericDatumReader<GenericRecord>> readers = new HashMap<>();
        private final Map<String, GenericDatumWriter<GenericRecord>> writers = new HashMap<>();
        private BinaryDecoder decoder;
        private BinaryEncoder encoder;

        Avro(JsonNode named) {
            named.properties().forEach(entry -> {
                Schema schema = new Schema.Parser().parse(entry.getValue().get("schema").toString());
                schemas.put(entry.getKey(), schema);
                ids.put(entry.getKey(), (int) entry.getValue().get("id").asLong());
                readers.put(entry.getKey(), new GenericDatumReader<>(schema));
                writers.put(entry.getKey(), new GenericDatumWriter<>(schema));
            });
        }

        GenericRecord decode(byte[] value, String name) {
            try {
                ByteBuffer frame = ByteBuffer.wrap(value);
                if (frame.get() != 0 || frame.getInt() != ids.get(name)) {
                    throw new IllegalStateException("not framed as " + name);
                }
                decoder = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, decoder);
                return readers.get(name).read(null, decoder);
            } catch (java.io.IOException error) {
                throw new IllegalStateException(error);
            }
        }

        byte[] encode(GenericRecord record) {
            try {
                String name = record.getSchema().getFullName();
                ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
                out.write(ByteBuffer.allocate(5).put((byte) 0).putInt(ids.get(name)).array());
                encoder = EncoderFactory.get().binaryEncoder(out, encoder);
                writers.get(name).write(record, encoder);
                encoder.flush();
                return out.toByteArray();
            } catch (java.io.IOException error) {
                throw new IllegalStateException(error);
            }
        }

        GenericRecord make(String name) {
            return new GenericData.Record(schemas.get(name));
        }

        GenericRecord head(
                GenericRecord of, GenericRecord asked, String id, String cause, String area, long at) {
            GenericRecord head = new GenericData.Record(of.getSchema().getField("head").schema());
            head.put("event_id", id);
            head.put("issue_id", asked.get("issue_id"));
            head.put("occurred_at", at);
            head.put("actor", "router");
            head.put("area", area);
            head.put("causation_id", cause);
            return head;
        }

        Object copy(GenericRecord of, String field, Object value) {
            if (value == null) {
                return null;
            }
            Schema wanted = of.getSchema().getField(field).schema().getTypes().get(1);
            GenericRecord made = new GenericData.Record(wanted);
            for (Schema.Field each : wanted.getFields()) {
                made.put(each.name(), ((GenericRecord) value).get(each.name()));
            }
            return made;
        }
    }

    private record Item(String code, String category, String top, String kind, String tier, boolean needy) {}

    private record Found(Item item, String kind, String intent, String tier, String lead,
            List<String> coOwners, int confidence, String unsure) {}

    /** A grid's outline: closed rings under the even-odd rule, as in hutong.city.geometry. */
    private record Grid(String code, List<double[][]> rings) {
        boolean contains(double lon, double lat) {
            boolean inside = false;
            for (double[][] ring : rings) {
                double[] from = ring[ring.length - 1];
                for (double[] to : ring) {
                    if ((from[1] > lat) != (to[1] > lat)
                            && lon < (to[0] - from[0]) * (lat - from[1]) / (to[1] - from[1]) + from[0]) {
                        inside = !inside;
                    }
                    from = to;
                }
            }
            return inside;
        }
    }

    private static final class Node {
        final HashMap<Character, Node> next = new HashMap<>();
        int word = -1;
    }

    /** The duty list: hutong.classify in Java, word for word. */
    private static final class Rules {
        private static final int[] SUBJECT = {0, 10, 13, 14};
        private static final int[] BODY = {0, 4, 6, 7};
        final JsonNode raw;
        /** What stands for a character after NFKC; null: itself. */
        final String[] folded = new String[1 << 16];
        final String pack;
        private final Node trie = new Node();
        private final List<Item> items = new ArrayList<>();
        private final List<int[][]> keywordOf = new ArrayList<>();
        private final List<int[][]> notWordOf = new ArrayList<>();
        private final List<int[][]> cueOf = new ArrayList<>();
        private final List<int[]> neededBy = new ArrayList<>();
        private final List<int[]> urgentFor = new ArrayList<>();
        private final Map<String, List<List<String>>> owners = new HashMap<>();
        private final List<Grid> grids = new ArrayList<>();
        private final List<String> intents = new ArrayList<>();
        private final int minScore;
        private final int minMargin;

        Rules(JsonNode raw) {
            raw.get("folded").fields().forEachRemaining(
                    each -> folded[each.getKey().charAt(0)] = each.getValue().asText());
            this.raw = raw;
            pack = raw.get("pack").asText();
            minScore = raw.get("min_score").asInt();
            minMargin = raw.get("min_margin").asInt();
            raw.get("intents").forEach(intent -> intents.add(intent.asText()));
            for (JsonNode item : raw.get("items")) {
                items.add(new Item(item.get("code").asText(), item.get("category").asText(),
                        item.get("top").asText(), item.get("kind").asText(), item.get("tier").asText(),
                        item.get("needs").asBoolean()));
            }
            for (JsonNode word : raw.get("words")) {
                Node node = trie;
                for (char each : word.get("text").asText().toCharArray()) {
                    node = node.next.computeIfAbsent(each, any -> new Node());
                }
                node.word = keywordOf.size();
                keywordOf.add(pairs(word.get("keyword_of")));
                notWordOf.add(pairs(word.get("not_word_of")));
                cueOf.add(pairs(word.get("cue_of")));
                neededBy.add(numbers(word.get("needed_by")));
                urgentFor.add(numbers(word.get("urgent_for")));
            }
            for (JsonNode grid : raw.get("grids")) {
                List<double[][]> rings = new ArrayList<>();
                grid.get("rings").forEach(ring -> rings.add(points(ring)));
                grids.add(new Grid(grid.get("code").asText(), rings));
            }
            raw.get("owners").properties().forEach(area -> {
                List<List<String>> lists = new ArrayList<>();
                area.getValue().forEach(list -> {
                    List<String> codes = new ArrayList<>();
                    list.forEach(code -> codes.add(code.asText()));
                    lists.add(codes);
                });
                owners.put(area.getKey(), lists);
            });
        }

        private static int[][] pairs(JsonNode list) {
            int[][] found = new int[list.size()][];
            for (int n = 0; n < found.length; n++) {
                found[n] = numbers(list.get(n));
            }
            return found;
        }

        private static double[][] points(JsonNode ring) {
            double[][] found = new double[ring.size()][];
            for (int n = 0; n < found.length; n++) {
                found[n] = new double[] {ring.get(n).get(0).asDouble(), ring.get(n).get(1).asDouble()};
            }
            return found;
        }

        private static int[] numbers(JsonNode list) {
            int[] found = new int[list.size()];
            for (int n = 0; n < found.length; n++) {
                found[n] = list.get(n).asInt();
            }
            return found;
        }

        /** The area that a report names; where the city does not know it, the grid of its point. */
        String areaOf(String named, GenericRecord place) {
            boolean known = named != null && owners.containsKey(named);
            if (known || place == null || place.get("lon") == null || place.get("lat") == null) {
                return named;
            }
            for (Grid grid : grids) {
                if (grid.contains((Double) place.get("lon"), (Double) place.get("lat"))) {
                    return grid.code;
                }
            }
            return named;
        }

        Found classify(String subject, String body, String channel, String area) {
            if (subject.isBlank()) {
                subject = body.substring(0, Math.min(40, body.length()));
            }
            Map<Integer, Integer> scores = new HashMap<>();
            Map<Integer, Integer> mentioned = new LinkedHashMap<>();
            score(count(fold(subject, 200)), SUBJECT, scores, mentioned);
            score(count(fold(body, 1500)), BODY, scores, mentioned);
            Set<Integer> needed = new LinkedHashSet<>();
            Set<Integer> urgent = new LinkedHashSet<>();
            TreeMap<Integer, Integer> cues = new TreeMap<>();
            mentioned.forEach((word, factor) -> {
                for (int item : neededBy.get(word)) {
                    needed.add(item);
                }
                for (int item : urgentFor.get(word)) {
                    urgent.add(item);
                }
                for (int[] not : notWordOf.get(word)) {
                    scores.computeIfPresent(not[0], (item, score) -> score - not[1] * 6);
                }
                for (int[] cue : cueOf.get(word)) {
                    cues.merge(cue[0], cue[1] * factor, Integer::sum);
                }
            });
            String intent = raw.get("channels").path(channel).asText("help");
            int most = 0;
            for (Map.Entry<Integer, Integer> cue : cues.entrySet()) {
                if (cue.getValue() > most) {
                    most = cue.getValue();
                    intent = intents.get(cue.getKey());
                }
            }
            scores.entrySet().removeIf(
                    each -> each.getValue() <= 0 || items.get(each.getKey()).needy && !needed.contains(each.getKey()));
            if (scores.isEmpty()) {
                return new Found(null, "", intent, "general", null, List.of(), 0, "no-match");
            }
            List<Integer> ranked = new ArrayList<>(scores.keySet());
            ranked.sort((a, b) -> scores.get(a).equals(scores.get(b)) ? a - b : scores.get(b) - scores.get(a));
            List<List<String>> here = owners.getOrDefault(area == null ? "" : area, owners.get(""));
            int best = ranked.get(0);
            int score = scores.get(best);
            Item item = items.get(best);
            List<String> all = here.get(best);
            int rival = 0;
            for (int other : ranked.subList(1, ranked.size())) {
                if (!items.get(other).top.equals(item.top) || !here.get(other).get(0).equals(all.get(0))) {
                    rival = scores.get(other);
                    break;
                }
            }
            String unsure = null;
            if (score < minScore) {
                unsure = "weak";
            } else if ((score - rival) * 1000 < minMargin * score) {
                unsure = "close-candidates";
            } else if (all.get(0).equals("street")) {
                unsure = "area-unknown";
            }
            boolean hurry = urgent.contains(best);
            return new Found(item, kind(item, intent, hurry), intent, hurry ? "urgent" : item.tier, all.get(0),
                    all.subList(1, all.size()), score * 1000 / (score + rival + 25), unsure);
        }

        private static String kind(Item item, String intent, boolean urgent) {
            if (item.kind.equals("dispute")) {
                return "dispute";
            }
            if (item.kind.equals("hazard") || urgent) {
                return "hazard";
            }
            if (item.kind.equals("opinion") || intent.equals("suggest") || intent.equals("praise")) {
                return "opinion";
            }
            return item.kind.equals("service") || intent.equals("consult") ? "service" : item.kind;
        }

        private void score(Map<Integer, Integer> counts, int[] factors, Map<Integer, Integer> scores,
                Map<Integer, Integer> mentioned) {
            counts.forEach((word, count) -> {
                int factor = factors[Math.min(count, 3)];
                for (int[] keyword : keywordOf.get(word)) {
                    scores.merge(keyword[0], keyword[1] * factor, Integer::sum);
                }
                mentioned.merge(word, factor, Integer::sum);
            });
        }

        private String fold(String text, int most) {
            StringBuilder kept = new StringBuilder();
            for (char each : text.substring(0, Math.min(most, text.length())).toCharArray()) {
                if (!Character.isWhitespace(each) && !Character.isSpaceChar(each)) {
                    kept.append(Character.toLowerCase(each));
                }
            }
            String normal = java.text.Normalizer.isNormalized(kept, java.text.Normalizer.Form.NFKC)
                    ? kept.toString()
                    : java.text.Normalizer.normalize(kept, java.text.Normalizer.Form.NFKC);
            StringBuilder all = new StringBuilder(normal.length());
            for (int n = 0; n < normal.length(); n++) {
                String other = folded[normal.charAt(n)];
                if (other == null) {
                    all.append(normal.charAt(n));
                } else {
                    all.append(other);
                }
            }
            return all.toString();
        }

        /** The leftmost longest words, none over another. */
        private Map<Integer, Integer> count(String text) {
            Map<Integer, Integer> counts = new LinkedHashMap<>();
            int at = 0;
            while (at < text.length()) {
                Node node = trie;
                int word = -1;
                int end = at + 1;
                for (int n = at; n < text.length() && (node = node.next.get(text.charAt(n))) != null; n++) {
                    if (node.word >= 0) {
                        word = node.word;
                        end = n + 1;
                    }
                }
                if (word >= 0) {
                    counts.merge(word, 1, Integer::sum);
                }
                at = end;
            }
            return counts;
        }
    }

    private static String text(Object value) {
        return value == null ? null : value.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static final byte[] NAMESPACE = namespace();

    private static byte[] namespace() {
        java.util.UUID space = java.util.UUID.fromString("6f1c1a52-55a5-5e0d-8c4a-3a0f6b0f7d11");
        return ByteBuffer.allocate(16)
                .putLong(space.getMostSignificantBits()).putLong(space.getLeastSignificantBits()).array();
    }

    /** uuid5 of the parts, as hutong.events.ids.derived_id. */
    private static String derivedId(String... parts) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(NAMESPACE);
            ByteBuffer digest = ByteBuffer.wrap(sha1.digest(bytes(String.join("\u001f", parts))));
            long most = digest.getLong() & 0xFFFFFFFFFFFF0FFFL | 0x5000L;
            long least = digest.getLong() & 0x3FFFFFFFFFFFFFFFL | 0x8000000000000000L;
            return new java.util.UUID(most, least).toString();
        } catch (java.security.NoSuchAlgorithmException error) {
            throw new IllegalStateException(error);
        }
    }
}
