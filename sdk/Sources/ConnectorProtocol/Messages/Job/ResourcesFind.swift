/// `resources/find`: everything on the platform that bears the job's mark, whatever the ledger says.
public struct ResourcesFind: ConnectorRequest {
  public static let method = "resources/find"

  public var job: JobID

  public init(job: JobID) {
    self.job = job
  }

  public struct Result: Codable, Hashable, Sendable {
    public var resources: [Resource]

    public init(resources: [Resource]) {
      self.resources = resources
    }
  }
}
