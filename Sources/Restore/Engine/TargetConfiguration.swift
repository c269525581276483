public import ConnectorProtocol

/// Parts a target's configuration into what may be kept and shown, and what is secret.
///
/// The connector's schema says which members are secret: those marked `writeOnly`, at the top or in one level of
/// groups, which is all that the form profile allows.
public struct TargetConfiguration: Sendable {
  public var open: JSONValue
  /// By JSON Pointer.
  public var secrets: [String: String]

  public init(_ configuration: JSONValue, schema: JSONValue) {
    var secrets: [String: String] = [:]
    open = Self.part(configuration, schema: schema, pointer: "", secrets: &secrets)
    self.secrets = secrets
  }

  private static func part(
    _ value: JSONValue, schema: JSONValue, pointer: String, secrets: inout [String: String]
  ) -> JSONValue {
    guard case .object(let members) = value else { return value }
    var open: [String: JSONValue] = [:]
    for (name, member) in members {
      let path = pointer + "/" + name.replacing("~", with: "~0").replacing("/", with: "~1")
      let property = schema["properties"]?[name] ?? [:]
      if property["writeOnly"]?.boolValue == true, let secret = member.stringValue {
        secrets[path] = secret
      } else {
        open[name] = part(member, schema: property, pointer: path, secrets: &secrets)
      }
    }
    return .object(open)
  }
}
