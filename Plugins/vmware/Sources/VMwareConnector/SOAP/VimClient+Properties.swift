import ConnectorProtocol
import Foundation

/// An object and those of its properties that were asked for and are there.
struct ObjectContent: Sendable {
  var object: MoRef
  var properties: [String: XMLNode]
  /// Properties that the server would not tell, with the class of its fault.
  var missing: [String: String]

  subscript(name: String) -> XMLNode? { properties[name] }
  func string(_ name: String) -> String? { properties[name]?.text }
  func int(_ name: String) -> Int64? { properties[name].flatMap { Int64($0.text) } }
  func bool(_ name: String) -> Bool? { properties[name].map { $0.text == "true" } }
  func reference(_ name: String) -> MoRef? { properties[name]?.reference }
  func references(_ name: String) -> [MoRef] { properties[name]?.items.compactMap(\.reference) ?? [] }

  init?(_ node: XMLNode) {
    guard let object = node.reference("obj") else { return nil }
    self.object = object
    properties = Dictionary(
      node.all("propSet").compactMap { set in
        set.string("name").flatMap { name in set["val"].map { (name, $0) } }
      }, uniquingKeysWith: { first, _ in first })
    missing = Dictionary(
      node.all("missingSet").compactMap { set in
        set.string("path").map { ($0, set.at("fault.fault")?.type ?? "unknown") }
      }, uniquingKeysWith: { first, _ in first })
  }
}

extension VimClient {
  /// Objects in one answer: what a server is asked for at once.
  static let pageObjects: Int64 = 200

  /// Properties of one object.
  ///
  /// - Throws: `VimFault` `ManagedObjectNotFound` where it is gone.
  func properties(_ paths: [String], of object: MoRef) async throws -> ObjectContent {
    let found = try await retrieve(
      [spec(object.type, paths)], objects: [VimObject("ObjectSpec", ["obj": .reference(object)])])
    guard let first = found.first else { throw VimFault("ManagedObjectNotFound", "\(object.id) is gone") }
    return first
  }

  /// Properties of several objects of one class. What is gone is left out where the server leaves it out.
  func properties(_ paths: [String], of objects: [MoRef]) async throws -> [ObjectContent] {
    guard let type = objects.first?.type else { return [] }
    return try await retrieve(
      [spec(type, paths)], objects: objects.map { VimObject("ObjectSpec", ["obj": .reference($0)]) })
  }

  /// Everything of some classes below a container, with properties of each class, page by page.
  func enumerate(
    _ types: [String: [String]], below container: MoRef, _ page: ([ObjectContent]) throws -> Void
  ) async throws {
    let names = types.keys.sorted()
    let made = try await call(
      "CreateContainerView", on: content.viewManager,
      [
        "container": .reference(container), "type": .list(names.map { .text($0) }), "recursive": true,
      ])
    guard let view = made.reference("returnval") else {
      throw Failure.notVSphere(web.server, "it gives no view of its inventory")
    }
    let object = VimObject(
      "ObjectSpec",
      [
        "obj": .reference(view), "skip": true,
        "selectSet": .object(
          VimObject("TraversalSpec", ["name": "view", "type": "ContainerView", "path": "view", "skip": false])),
      ])
    do {
      try await retrieve(names.map { spec($0, types[$0] ?? []) }, objects: [object], page)
    } catch {
      _ = try? await call("DestroyView", on: view)
      throw error
    }
    _ = try? await call("DestroyView", on: view)
  }

  private func spec(_ type: String, _ paths: [String]) -> VimObject {
    VimObject("PropertySpec", ["type": .text(type), "pathSet": .list(paths.map { .text($0) })])
  }

  private func retrieve(_ properties: [VimObject], objects: [VimObject]) async throws -> [ObjectContent] {
    var all: [ObjectContent] = []
    try await retrieve(properties, objects: objects) { all += $0 }
    return all
  }

  private func retrieve(
    _ properties: [VimObject], objects: [VimObject], _ page: ([ObjectContent]) throws -> Void
  ) async throws {
    let filter = VimObject(
      "PropertyFilterSpec",
      ["propSet": .list(properties.map { .object($0) }), "objectSet": .list(objects.map { .object($0) })])
    let options = VimObject("RetrieveOptions", ["maxObjects": .int(Self.pageObjects)])
    var answer = try await call(
      "RetrievePropertiesEx", on: content.propertyCollector,
      ["specSet": .list([.object(filter)]), "options": .object(options)])
    while let result = answer["returnval"] {
      try page(result.all("objects").compactMap(ObjectContent.init))
      guard let token = result.string("token"), !token.isEmpty else { return }
      try Task.checkCancellation()
      answer = try await call(
        "ContinueRetrievePropertiesEx", on: content.propertyCollector, ["token": .text(token)])
    }
  }
}
