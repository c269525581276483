public import ConnectorProtocol
import Foundation

/// A target's configuration, read from the `connection` of a request.
///
/// Reading goes on after a mistake, so that a person hears of all of them at once:
///
///     struct Settings: ConnectorSettings {
///       var folder = ""
///       init(_ connection: JSONValue, report: (Diagnostic) -> Void) {
///         for (name, value) in connection.objectValue ?? [:] {
///           switch (name, Self.line(value)) {
///           case ("folder", let text?): folder = text
///           case ("folder", nil): report(Self.problem(name, "The folder is no text.", action: "Write a path."))
///           default: report(Self.unknown(name))
///           }
///         }
///       }
///     }
public protocol ConnectorSettings {
  /// What is wrong with it goes to `report`; the rest is read.
  init(_ connection: JSONValue, report: (Diagnostic) -> Void)
}

extension ConnectorSettings {
  /// The settings, or an error that holds all that is wrong with them.
  ///
  /// - Throws: `configInvalid`.
  public static func read(_ connection: JSONValue) throws -> Self {
    var problems: [Diagnostic] = []
    let settings = Self(connection) { problems.append($0) }
    guard problems.isEmpty else {
      throw ConnectorError(
        .configInvalid, problems.map(\.summary).joined(separator: " "),
        remedy: "Correct the target's configuration.", outcome: .none, diagnostics: problems)
    }
    return settings
  }

  /// Something that is wrong.
  ///
  /// - Parameter path: A JSON Pointer into the configuration without its first `/`; empty: the whole of it.
  public static func problem(_ path: String, _ summary: String, action: String? = nil) -> Diagnostic {
    Diagnostic(
      severity: .blocker, code: "config.invalid", summary: summary, at: path.isEmpty ? "" : "/" + path, action: action)
  }

  /// A member that the form does not have.
  public static func unknown(_ name: String) -> Diagnostic {
    let pointer = name.replacingOccurrences(of: "~", with: "~0").replacingOccurrences(of: "/", with: "~1")
    return problem(pointer, "There is no setting '\(name)'.", action: "Remove it.")
  }

  /// A value that is none of those to choose from.
  public static func choice(_ path: String, _ value: String, _ known: [String]) -> Diagnostic {
    problem(path, "'\(value)' is none that is known.", action: "Choose one of \(known.joined(separator: ", ")).")
  }

  /// The value as text; nil where it is none, has more than one line or other control characters, or more than 4096
  /// bytes.
  public static func line(_ value: JSONValue) -> String? {
    guard let text = value.stringValue, text.utf8.count <= 4096,
      !text.unicodeScalars.contains(where: { $0.value < 32 })
    else { return nil }
    return text
  }
}
