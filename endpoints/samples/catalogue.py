"""The sample models: what each is for, which stack trains and serves it, and its metadata."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).resolve().parent

GROUP: Final = "breast-cancer"
GROUP_DESCRIPTION: Final = (
    "Samples: four classifiers of one data set (30 features, 1 = malignant), trained on this"
    " machine. The small XGBoost is faster, the large one more accurate."
)
INSTANCE_TYPES: Final = ("ml.c5.large", "ml.c5.xlarge", "ml.m5.large", "ml.m5.xlarge")


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    description: str
    stack: str
    image: str
    #: AWS's Framework, FrameworkVersion and NearestModelName.
    framework: str
    framework_version: str
    nearest_model: str
    trainer: str
    arguments: tuple[str, ...] = ()

    @property
    def script(self) -> Path:
        return _HERE / "trainers" / self.trainer

    def container(self, model_data_url: str) -> dict[str, Any]:
        return {"Image": self.image, "ModelDataUrl": model_data_url, "Environment": {}}

    def specification(self, model_data_url: str) -> dict[str, Any]:
        """InferenceSpecification, as CreateModelPackage takes it."""
        container = {
            **self.container(model_data_url),
            "Framework": self.framework,
            "FrameworkVersion": self.framework_version,
            "NearestModelName": self.nearest_model,
        }
        return {
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv", "application/json"],
            "SupportedRealtimeInferenceInstanceTypes": list(INSTANCE_TYPES),
        }


SAMPLES: Final = (
    Sample(
        "breast-cancer-xgboost-small",
        "XGBoost, 8 shallow trees: the fastest answer, accuracy about 0.93.",
        "xgboost-3.2",
        "inference-console/xgboost:3.2",
        "XGBOOST",
        "3.2",
        "xgboost",
        "xgboost_rounds.py",
        ("8", "2", "0.3"),
    ),
    Sample(
        "breast-cancer-xgboost-large",
        "XGBoost, 3000 deep trees: accuracy about 0.95 for several times the work.",
        "xgboost-3.2",
        "inference-console/xgboost:3.2",
        "XGBOOST",
        "3.2",
        "xgboost",
        "xgboost_rounds.py",
        ("3000", "6", "0.01"),
    ),
    Sample(
        "breast-cancer-sklearn",
        "scikit-learn, logistic regression with its own inference.py.",
        "sklearn-1.9",
        "inference-console/sklearn:1.9",
        "SAGEMAKER-SCIKIT-LEARN",
        "1.9",
        "sagemaker-scikit-learn",
        "sklearn_logistic.py",
        (str(_HERE / "code" / "inference.py"),),
    ),
    Sample(
        "breast-cancer-onnx",
        "ONNX, logistic regression in one matrix product.",
        "onnx-1",
        "inference-console/onnx:1",
        "OTHER",
        "1.31",
        "onnx",
        "onnx_logistic.py",
    ),
)
