public import ConnectorProtocol
import Foundation
public import GRDB

/// A JSON value is a column of JSON text. Without this it would be written as text and read back as that text: a JSON
/// value can be a string, so a string is what the first decoder that asks gets.
extension JSONValue: @retroactive DatabaseValueConvertible {
  public var databaseValue: DatabaseValue {
    // Encoding fails only for numbers that JSON does not have; those are kept as what they are nearest to, nothing.
    guard let data = try? CanonicalJSON.encode(self) else { return .null }
    return String(decoding: data, as: UTF8.self).databaseValue
  }

  public static func fromDatabaseValue(_ value: DatabaseValue) -> JSONValue? {
    guard let text = String.fromDatabaseValue(value) else { return nil }
    return try? JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
  }
}
