import ConnectorProtocol
import Support

/// What made a step fail, as the host's error: a connector's keeps its reason as its code.
enum StepFailure {
  static func error(_ error: any Error, step: RestoreStep.Name, platform: String) -> AscendError {
    if let error = error as? ConnectorError {
      if error.reason == .cancelled { return AscendError("cancelled", "Cancelled during \(step.rawValue)") }
      var cause = error.diagnostics.map(\.summary).filter { $0 != error.message }
      if let provider = error.provider?.message { cause.append(provider) }
      return AscendError(
        .init(rawValue: "connector.\(error.reason.rawValue)"), error.message, object: platform,
        cause: cause.joined(separator: "; ").nonEmpty, remedy: error.remedy)
    }
    return AscendError.wrapping(error, as: "job.step", "The step \(step.rawValue) failed", object: platform)
  }
}
