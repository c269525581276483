import ConnectorProtocol
import Foundation

/// JSON as it comes in bodies and strings.
enum JSONText {
  static func parse(_ text: String) -> JSONValue? { parse(Data(text.utf8)) }

  static func parse(_ data: Data) -> JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: data) }
}
