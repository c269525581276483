public import ConnectorProtocol

extension OperationContext {
  /// The answer to `resources/delete`: tries each resource in the order given, and tells the host's ledger what is gone.
  ///
  /// - Parameter delete: Removes one resource, or says why it stays. What it throws ends all.
  public func deleting(
    _ resources: [Resource], isolation: isolated (any Actor)? = #isolation,
    _ delete: (Resource) async throws -> (state: ResourcesDelete.State, why: String?)
  ) async throws -> ResourcesDelete.Result {
    var results: [ResourcesDelete.Deletion] = []
    for resource in resources {
      let (state, why) = try await delete(resource)
      if state == .deleted || state == .absent { await deleted(resource) }
      results.append(ResourcesDelete.Deletion(kind: resource.kind, name: resource.name, state: state, why: why))
    }
    return ResourcesDelete.Result(results: results)
  }
}
