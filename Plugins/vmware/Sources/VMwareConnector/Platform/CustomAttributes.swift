import ConnectorProtocol

/// Custom attributes of machines: vCenter's plain tags, which need no category.
struct CustomAttributes: Sendable {
  var client: VimClient

  /// Sets attributes of a machine; names that nobody has used yet are made.
  ///
  /// - Throws: `VimFault` `NotSupported` on a single ESXi host, which has none.
  func set(_ values: [String: String], on machine: MoRef) async throws {
    guard let manager = client.content.customFieldsManager else {
      throw VimFault("NotSupported", "a single ESXi host has none")
    }
    let known = try await known(manager)
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      var key = known[name]
      if key == nil {
        let made = try await client.call(
          "AddCustomFieldDef", on: manager, ["name": .text(name), "moType": "VirtualMachine"])
        key = made.int("returnval.key")
      }
      guard let key else { throw VimFault("", "the server made no attribute '\(name)'") }
      try await client.call(
        "SetField", on: manager, ["entity": .reference(machine), "key": .int(key), "value": .text(value)])
    }
  }

  /// Keys of the attributes that machines can have, by name.
  private func known(_ manager: MoRef) async throws -> [String: Int64] {
    var keys: [String: Int64] = [:]
    for field in try await client.properties(["field"], of: manager)["field"]?.items ?? [] {
      guard let name = field.string("name"), let key = field.int("key") else { continue }
      let type = field.string("managedObjectType") ?? ""
      if type.isEmpty || type == "VirtualMachine" { keys[name] = key }
    }
    return keys
  }
}
