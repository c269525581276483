import ConnectorProtocol
import Foundation

extension VimClient {
  /// How long one call waits for news, in seconds.
  static let waitSeconds: Int64 = 15

  /// Waits until `done` has a value for the properties of an object, and gives that.
  ///
  /// The server is asked to tell of changes (`WaitForUpdatesEx`), and the properties are then read as they are: an
  /// update that is lost costs time and nothing else.
  func wait<T>(
    for paths: [String], of object: MoRef, _ done: (ObjectContent) throws -> T?
  ) async throws -> T {
    if let value = try done(await properties(paths, of: object)) { return value }
    let made = try await call("CreatePropertyCollector", on: content.propertyCollector)
    guard let collector = made.reference("returnval") else {
      throw Failure.notVSphere(web.server, "it makes no property collector")
    }
    do {
      let value = try await follow(paths, of: object, by: collector, done)
      _ = try? await call("DestroyPropertyCollector", on: collector)
      return value
    } catch {
      // Not in the cancelled task, in which no call is made any more.
      Task { _ = try? await call("DestroyPropertyCollector", on: collector) }
      throw error
    }
  }

  private func follow<T>(
    _ paths: [String], of object: MoRef, by collector: MoRef, _ done: (ObjectContent) throws -> T?
  ) async throws -> T {
    let filter = VimObject(
      "PropertyFilterSpec",
      [
        "propSet": .object(
          VimObject("PropertySpec", ["type": .text(object.type), "pathSet": .list(paths.map { .text($0) })])),
        "objectSet": .object(VimObject("ObjectSpec", ["obj": .reference(object)])),
      ])
    try await call("CreateFilter", on: collector, ["spec": .object(filter), "partialUpdates": false])
    var version = ""
    while true {
      try Task.checkCancellation()
      let answer = try await call(
        "WaitForUpdatesEx", on: collector,
        [
          "version": .text(version),
          "options": .object(VimObject("WaitOptions", ["maxWaitSeconds": .int(Self.waitSeconds)])),
        ])
      version = answer.at("returnval.version")?.text ?? version
      if let value = try done(await properties(paths, of: object)) { return value }
    }
  }

  /// Waits for a task of the server; its result.
  ///
  /// - Parameter progress: Is told the percentage, where the server tells one.
  /// - Throws: `VimFault` for a task that failed.
  @discardableResult
  func finish(_ task: MoRef, progress: (Int64) -> Void = { _ in }) async throws -> XMLNode? {
    try await wait(for: ["info.state", "info.progress", "info.error", "info.result"], of: task) { now in
      if let percent = now.int("info.progress") { progress(percent) }
      switch now.string("info.state") {
      case "success": return .some(now["info.result"])
      case "error":
        guard let error = now["info.error"] else { throw VimFault("", "the task failed and gives no reason") }
        throw VimFault(localized: error)
      default: return nil
      }
    }
  }

  /// Calls a method that starts a task, and waits for that.
  @discardableResult
  func perform(_ method: String, on this: MoRef, _ parameters: [String: VimValue?] = [:]) async throws -> XMLNode? {
    let answer = try await call(method, on: this, parameters)
    guard let task = answer.reference("returnval") else {
      throw VimFault("", "\(method) started no task")
    }
    return try await finish(task)
  }
}
