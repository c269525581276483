public import Foundation

/// JSON with sorted keys and no needless escapes: the form in which messages are written and parameters are hashed.
///
/// `JSONEncoder`'s key order differs from run to run, so bytes can be compared only in this form.
public enum CanonicalJSON {
  public static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// The same, indented for people.
  public static func encodePretty(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return try encoder.encode(value)
  }
}
