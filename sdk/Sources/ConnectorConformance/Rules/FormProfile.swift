import ConnectorProtocol

/// The profile of JSON Schema that configuration forms keep to (`protocol/v1/config-profile.schema.json`).
enum FormProfile {
  private static let common: Set<String> = [
    "type", "title", "description", "default", "oneOf", "writeOnly", "x-ui", "minimum", "maximum", "minLength",
    "maxLength", "pattern", "format", "items", "minItems", "maxItems", "properties", "required",
  ]
  private static let root: Set<String> = [
    "$schema", "type", "title", "description", "properties", "required", "additionalProperties",
  ]
  private static let formats: Set<String> = ["uri", "hostname", "ipv4", "password", "pem"]
  private static let types: Set<String> = ["string", "integer", "boolean", "array", "object"]

  /// What is wrong with a root schema, each with its place.
  static func problems(_ schema: JSONValue, at place: String) -> [String] {
    guard let members = schema.objectValue else { return ["\(place) is no schema"] }
    var found = members.keys.filter { !root.contains($0) }.map { "\(place)/\($0) is outside the form profile" }
    if schema["type"]?.stringValue != "object" { found.append("\(place)/type is not object") }
    guard let properties = schema["properties"]?.objectValue else { return found + ["\(place) has no properties"] }
    found += undeclared(schema, properties, place)
    for (name, property) in properties.sorted(by: { $0.key < $1.key }) {
      found += self.property(property, at: "\(place)/properties/\(name)", groupAllowed: true)
    }
    return found
  }

  private static func undeclared(_ schema: JSONValue, _ properties: [String: JSONValue], _ place: String) -> [String] {
    (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue).filter { properties[$0] == nil }
      .map { "\(place)/required names \($0), which is no property" }
  }

  private static func property(_ schema: JSONValue, at place: String, groupAllowed: Bool) -> [String] {
    guard let members = schema.objectValue else { return ["\(place) is no schema"] }
    var found = members.keys.filter { !common.contains($0) }.map { "\(place)/\($0) is outside the form profile" }
    for needed in ["title", "description"] where schema[needed]?.stringValue?.isEmpty ?? true {
      found.append("\(place) has no \(needed)")
    }
    guard let type = schema["type"]?.stringValue, types.contains(type) else {
      return found + ["\(place)/type is none of the form profile's"]
    }
    if let format = schema["format"]?.stringValue, !formats.contains(format) {
      found.append("\(place)/format \(format) is outside the form profile")
    }
    for choice in schema["oneOf"]?.arrayValue ?? [] where choice["const"] == nil || choice["title"] == nil {
      found.append("\(place)/oneOf has a choice without const and title")
    }
    switch type {
    case "array":
      let items = schema["items"]?["type"]?.stringValue ?? ""
      if !["string", "integer", "boolean"].contains(items) { found.append("\(place)/items is no simple type") }
    case "object":
      guard groupAllowed, let properties = schema["properties"]?.objectValue else {
        return found + ["\(place) is a group without properties, or within a group"]
      }
      found += undeclared(schema, properties, place)
      for (name, property) in properties.sorted(by: { $0.key < $1.key }) {
        found += self.property(property, at: "\(place)/properties/\(name)", groupAllowed: false)
      }
    default: break
    }
    return found
  }
}
